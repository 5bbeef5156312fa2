# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""Collections of frames, and the ways to read and write them."""


class DynamicFrameCollection(object):
    """Frames by name."""

    def __init__(self, dynamic_frames, glue_ctx):
        self._frames, self._glue_ctx = dict(dynamic_frames), glue_ctx

    def __getitem__(self, key):
        if key not in self._frames:
            raise KeyError("the collection has no frame %r; it has %s" % (key, ", ".join(sorted(self._frames))))
        return self._frames[key]

    def __len__(self):
        return len(self._frames)

    def __iter__(self):
        return iter(self._frames)

    def keys(self):
        return self._frames.keys()

    def values(self):
        return self._frames.values()

    def items(self):
        return self._frames.items()

    def select(self, key, transformation_ctx=""):
        return self[key]

    def map(self, callable, transformation_ctx=""):
        """A collection of what a function returns for each frame and the context."""
        return DynamicFrameCollection({k: callable(f, transformation_ctx + k) for k, f in self._frames.items()}, self._glue_ctx)

    def flatmap(self, f, transformation_ctx=""):
        """A collection of the frames, and the frames of the collections, that a function returns."""
        out = {}
        for key, frame in self._frames.items():
            made = f(frame, transformation_ctx + key)
            if isinstance(made, DynamicFrameCollection):
                out.update({key + k: v for k, v in made.items()})
            else:
                out[key] = made
        return DynamicFrameCollection(out, self._glue_ctx)


class DynamicFrameReader(object):
    """What create_dynamic_frame is: the ways to read."""

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_rdd(self, data, name, schema=None, sampleRatio=None):
        return self._glue_context.create_dynamic_frame_from_rdd(data, name, schema, sampleRatio)

    def from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                     push_down_predicate="", **kwargs):
        return self._glue_context.create_dynamic_frame_from_options(
            connection_type, connection_options, format, format_options, transformation_ctx, push_down_predicate, **kwargs)

    def from_catalog(self, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
                     additional_options=None, catalog_id=None, **kwargs):
        return self._glue_context.create_dynamic_frame_from_catalog(
            database, table_name, redshift_tmp_dir, transformation_ctx, push_down_predicate, additional_options, catalog_id, **kwargs)


class DynamicFrameWriter(object):
    """What write_dynamic_frame is: the ways to write."""

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        return self._glue_context.write_dynamic_frame_from_options(
            frame, connection_type, connection_options, format, format_options, transformation_ctx)

    def from_catalog(self, frame, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                     catalog_id=None, **kwargs):
        return self._glue_context.write_dynamic_frame_from_catalog(
            frame, database, table_name, redshift_tmp_dir, transformation_ctx, additional_options, catalog_id, **kwargs)

    def from_jdbc_conf(self, frame, catalog_connection, connection_options=None, redshift_tmp_dir="", transformation_ctx="",
                       catalog_id=None):
        return self._glue_context.write_dynamic_frame_from_jdbc_conf(
            frame, catalog_connection, connection_options, redshift_tmp_dir, transformation_ctx, catalog_id)
