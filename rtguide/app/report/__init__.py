"""`rtguide report`: recorded sessions as a page for whoever made them, and for their teacher."""
