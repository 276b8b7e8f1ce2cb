"""Sources of frames: one file a device, found through the entry points `rtguide.devices`."""
