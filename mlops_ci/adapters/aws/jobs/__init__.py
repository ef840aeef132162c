"""Training, processing and batch transform on SageMaker, behind the `Jobs` port."""
