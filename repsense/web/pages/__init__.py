"""One module a page; what they show is worked out by the view modules beside this folder."""
