"""A store on S3: the one place where boto3 is imported."""
