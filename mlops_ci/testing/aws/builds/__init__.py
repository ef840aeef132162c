"""CodeBuild's builds, really executed: a buildspec's phases in one shell of this machine."""
