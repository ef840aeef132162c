"""AWS, through boto3. Nothing of it is imported but by what talks to AWS."""
