"""Images in AWS: SageMaker's own by framework and version, and the user's in ECR, each known by its digest."""
