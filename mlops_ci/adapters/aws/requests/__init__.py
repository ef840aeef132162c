"""Requests to AWS, made by pure functions: what a job or an endpoint shall be in, what boto3 is given out."""
