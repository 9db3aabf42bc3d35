"""The dashboard: pages for a browser, served by RepSense itself."""
