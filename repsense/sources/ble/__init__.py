"""Bluetooth LE sensors: the radio in one module, a pure decoder for each kind of sensor."""
