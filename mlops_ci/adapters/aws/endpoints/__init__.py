"""Endpoints of SageMaker."""
