"""MQTT: topics, payloads and their schemas, the client (the only paho import) and the broker."""
