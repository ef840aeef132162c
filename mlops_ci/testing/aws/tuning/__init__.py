"""SageMaker's tuning jobs, really executed: each trial is a training job of its own."""
