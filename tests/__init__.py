"""The tests of mlops-ci. A package, since a dependency of sagemaker-core installs one of this name."""
