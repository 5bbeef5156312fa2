# Copyright the Penstock authors. SPDX-License-Identifier: Apache-2.0
"""The transforms as classes: each is applied by CLASS.apply(frame=..., ...), or by an instance that is called."""

from awsglue.errors import DataError, NotSupported
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection


class GlueTransform(object):
    """The base of all transforms."""

    @classmethod
    def apply(cls, *args, **kwargs):
        return cls()(*args, **kwargs)

    @classmethod
    def name(cls):
        return cls.__name__

    @classmethod
    def describeArgs(cls):
        raise NotImplementedError("describeArgs method must be implemented by the class %s" % cls.__name__)

    @classmethod
    def describeReturn(cls):
        raise NotImplementedError("describeReturn method must be implemented by the class %s" % cls.__name__)

    @classmethod
    def describeTransform(cls):
        return (cls.__doc__ or "").strip()

    @classmethod
    def describeErrors(cls):
        raise NotImplementedError("describeErrors method must be implemented by the class %s" % cls.__name__)

    @classmethod
    def describe(cls):
        return {"transform": {"name": cls.name(), "location": "internal"}}


def _frame(value, name="frame"):
    if not isinstance(value, DynamicFrame):
        raise DataError("%s is a DynamicFrame, not a %s" % (name, type(value).__name__))
    return value


class ApplyMapping(GlueTransform):
    """Only the fields of the mappings, renamed and cast."""

    def __call__(self, frame, mappings, case_sensitive=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).apply_mapping(mappings, case_sensitive, transformation_ctx, info, stageThreshold, totalThreshold)


class DropFields(GlueTransform):
    """All fields but those at the paths."""

    def __call__(self, frame, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).drop_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)


class DropNullFields(GlueTransform):
    """All fields but those without a type, which have no value in any record."""

    def __call__(self, frame, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).drop_nulls(transformation_ctx, info, stageThreshold, totalThreshold)


class ErrorsAsDynamicFrame(GlueTransform):
    """The records that failed."""

    def __call__(self, frame):
        return _frame(frame).errorsAsDynamicFrame()


class Filter(GlueTransform):
    """The records for which a function is true."""

    def __call__(self, frame, f, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).filter(f, transformation_ctx, info, stageThreshold, totalThreshold)


class Map(GlueTransform):
    """The records that a function returns."""

    def __call__(self, frame, f, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).map(f, False, transformation_ctx, info, stageThreshold, totalThreshold)


class Join(GlueTransform):
    """The pairs of records with equal keys."""

    def __call__(self, frame1, frame2, keys1, keys2, transformation_ctx=""):
        return _frame(frame1, "frame1").join(keys1, keys2, _frame(frame2, "frame2"), transformation_ctx)


class Relationalize(GlueTransform):
    """Flat frames of a nested one."""

    def __call__(self, frame, staging_path=None, name="roottable", options=None, transformation_ctx="", info="", stageThreshold=0,
                 totalThreshold=0):
        return _frame(frame).relationalize(name, staging_path, options, transformation_ctx, info, stageThreshold, totalThreshold)


class RenameField(GlueTransform):
    """A field under another name."""

    def __call__(self, frame, old_name, new_name, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).rename_field(old_name, new_name, transformation_ctx, info, stageThreshold, totalThreshold)


class ResolveChoice(GlueTransform):
    """Choices resolved."""

    def __call__(self, frame, specs=None, choice="", transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, database=None,
                 table_name=None, catalog_id=None):
        return _frame(frame).resolveChoice(specs, choice, database, table_name, transformation_ctx, info, stageThreshold, totalThreshold,
                                           catalog_id)


class SelectFields(GlueTransform):
    """Only the fields at the paths."""

    def __call__(self, frame, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).select_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)


class SelectFromCollection(GlueTransform):
    """One frame of a collection."""

    def __call__(self, dfc, key, transformation_ctx=""):
        if not isinstance(dfc, DynamicFrameCollection):
            raise DataError("dfc is a DynamicFrameCollection, not a %s" % type(dfc).__name__)
        return dfc.select(key, transformation_ctx)


class SplitFields(GlueTransform):
    """Two frames: the fields at the paths, and the others."""

    def __call__(self, frame, paths, name1=None, name2=None, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        name = _frame(frame).name
        return frame.split_fields(paths, name1 or name + "1", name2 or name + "2", transformation_ctx, info, stageThreshold, totalThreshold)


class SplitRows(GlueTransform):
    """Two frames: the rows of which comparisons hold, and the others."""

    def __call__(self, frame, comparison_dict, name1="frame1", name2="frame2", transformation_ctx="", info=None, stageThreshold=0,
                 totalThreshold=0):
        return _frame(frame).split_rows(comparison_dict, name1, name2, transformation_ctx, info, stageThreshold, totalThreshold)


class Spigot(GlueTransform):
    """Sample records written on the way."""

    def __call__(self, frame, path, options=None, transformation_ctx=""):
        return _frame(frame).spigot(path, options, transformation_ctx)


class Unbox(GlueTransform):
    """A text field as the nested value that it holds."""

    def __call__(self, frame, path, format, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, **options):
        return _frame(frame).unbox(path, format, transformation_ctx, info, stageThreshold, totalThreshold, **options)


class UnnestFrame(GlueTransform):
    """Fields of structs as columns."""

    def __call__(self, frame, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame).unnest(transformation_ctx, info, stageThreshold, totalThreshold)


class Union(GlueTransform):
    """The records of two frames."""

    def __call__(self, frame1, frame2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return _frame(frame1, "frame1").union(_frame(frame2, "frame2"), transformation_ctx, info, stageThreshold, totalThreshold)


class MapToCollection(GlueTransform):
    """A transform applied to each frame of a collection."""

    def __call__(self, dfc, BaseTransform, frame_name, transformation_ctx="", **base_kwargs):
        def one(frame, ctx):
            return BaseTransform.apply(**dict(base_kwargs, **{frame_name: frame, "transformation_ctx": ctx}))
        return dfc.map(one, transformation_ctx)


class FlatMap(GlueTransform):
    """A transform applied to each frame of a collection, collections among the results flattened."""

    def __call__(self, dfc, BaseTransform, frame_name, transformation_ctx="", **base_kwargs):
        def one(frame, ctx):
            return BaseTransform.apply(**dict(base_kwargs, **{frame_name: frame, "transformation_ctx": ctx}))
        return dfc.flatmap(one, transformation_ctx)


def _missing(what):
    class Missing(GlueTransform):
        def __call__(self, *args, **kwargs):
            raise NotSupported(what)
    Missing.__name__ = Missing.__qualname__ = what
    Missing.__doc__ = "Penstock does not support %s." % what
    return Missing


FillMissingValues = _missing("FillMissingValues")
FindMatches = _missing("FindMatches")
FindIncrementalMatches = _missing("FindIncrementalMatches")

__all__ = ["ApplyMapping", "DropFields", "DropNullFields", "ErrorsAsDynamicFrame", "FillMissingValues", "Filter", "FindIncrementalMatches",
           "FindMatches", "FlatMap", "GlueTransform", "Join", "Map", "MapToCollection", "Relationalize", "RenameField", "ResolveChoice",
           "SelectFields", "SelectFromCollection", "Spigot", "SplitFields", "SplitRows", "Unbox", "Union", "UnnestFrame"]
