"""The phone's way in: a page that makes any phone a sensor, and where its apps may push."""
