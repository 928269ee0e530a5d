"""What benchmarks are made of: processes that are measured, a mock server, prepared databases."""
