"""Between Faust and Kafka: batches, offsets, caches, commits. No business meaning."""
