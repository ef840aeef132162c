"""SageMaker's endpoints, really served: processes, the traffic between them, and what is told about both."""
