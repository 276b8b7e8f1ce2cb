"""Session folders: layout, writer, reader."""
