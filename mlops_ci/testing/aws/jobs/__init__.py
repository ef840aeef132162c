"""SageMaker's jobs, really executed: training, processing, batch transform."""
