"""The true outlines of structures and of injected fluid in the image."""

import numpy as np
from numpy.typing import NDArray

from rtguide.model.points import as_points
from rtguide.model.structure import Role, Structure, StructureKind, Tissue
from rtguide.phantom.scan import Patient, Scan, View
from rtguide.phantom.scenario import StructureSpec, SurfaceSpec
from rtguide.phantom.truth import SpreadTruth

__all__ = ["kind_and_tissue", "true_spreads", "true_structures"]

_TISSUES = {
    "honeycomb-nerve": Tissue.NERVE,
    "dark-nerve": Tissue.NERVE,
    "artery": Tissue.ARTERY,
    "vein": Tissue.VEIN,
    "bone": Tissue.BONE,
    "pleura": Tissue.PLEURA,
}


def kind_and_tissue(spec: StructureSpec | SurfaceSpec) -> tuple[StructureKind, Tissue]:
    """What a structure of a scenario is to whoever marks it."""
    kind = StructureKind.STRUCTURE
    if isinstance(spec, SurfaceSpec):
        kind = StructureKind.PLANE if spec.as_plane else StructureKind.LINE
    return kind, _TISSUES.get(spec.kind, Tissue.OTHER)


def true_structures(patient: Patient, scan: Scan, view: View) -> tuple[Structure, ...]:
    """Everything with a role, cut by the slice as it lies now: image px, also where that is outside the picture."""
    slide = view.hold.pose.slide_mm
    found = []
    for shape in patient.anatomy.shapes:
        if shape.spec.role is not None:
            outline = _in_slice(shape.outline_mm(slide), shape.spec.course_mm, view)
            found.append((shape.spec.name, *kind_and_tissue(shape.spec), shape.spec.role, outline))
    for surface in patient.anatomy.surfaces:
        if surface.spec.role is not None:
            line = _in_slice(surface.line_mm(slide), surface.spec.course_mm, view)
            found.append((surface.spec.name, *kind_and_tissue(surface.spec), surface.spec.role, line))
    if not found:
        return ()
    points = np.concatenate([line for *_, line in found])
    ends = np.cumsum([len(line) for *_, line in found])[:-1]
    x, z = patient.motion.move(points[:, 0], points[:, 1], view.moment)
    px, _, pz = view.hold.pose.to_probe(x, points[:, 2], z)
    blocks = np.split(scan.screen.to_px(px, pz), ends)
    return tuple(
        Structure(name, kind, tissue, Role(role), as_points(block))
        for (name, kind, tissue, role, _), block in zip(found, blocks, strict=True)
    )


def true_spreads(scan: Scan, view: View) -> tuple[SpreadTruth, ...]:
    """The pools of fluid that the slice cuts."""
    pose = view.hold.pose
    found = []
    for pool in view.moment.pools:
        if pool.radius_in(pose.slide_mm) <= 0.1:
            continue
        outline = pool.outline_mm(pose.slide_mm)
        px, _, pz = pose.to_probe(outline[:, 0], np.full(len(outline), pose.slide_mm), outline[:, 1])
        found.append(SpreadTruth(as_points(scan.screen.to_px(px, pz)), pool.area_mm2(pose)))
    return tuple(found)


def _in_slice(line: NDArray[np.float64], course_mm: tuple[float, float], view: View) -> NDArray[np.float64]:
    """Points (x, z) of a section at the probe's elevation as (x, z, y), followed into a tilted slice."""
    pose = view.hold.pose
    y = np.full(len(line), pose.slide_mm)
    if pose.tilt_rad != 0.0:
        y = y + line[:, 1] * np.tan(pose.tilt_rad)
    return np.column_stack(
        [line[:, 0] + course_mm[0] * (y - pose.slide_mm), line[:, 1] + course_mm[1] * (y - pose.slide_mm), y]
    )
