"""The sensors' own side: what a stand-in must say to be taken for one. One module a sensor."""
