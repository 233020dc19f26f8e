"""Vector tiles on a short way: from the socket to a cached tile and back without waking the rest of the application.

`protocol.py` recognises a tile's request where it arrives, `door.py` decides what is sent, `look.py` asks the database once for all who
wait what has been committed since, `renderer.py` makes tiles that are not there, `line.py` is a connection that does not block.
Whatever is not plainly a good request goes on to the route (api/routes/map.py), which says the same rules and words the answer.
"""
