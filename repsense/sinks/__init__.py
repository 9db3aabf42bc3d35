"""Where events go: MQTT, history, the terminal, recordings, and whoever shows the newest state."""
