"""Where samples come from: files, simulated bands, Bluetooth sensors, phones."""
