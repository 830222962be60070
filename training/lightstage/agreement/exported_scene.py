"""A scene as files that Blender can open without knowing anything of the stage.

Blender's world is the scene's camera space, so its camera stands at the origin, untransformed.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from OpenImageIO import ImageSpec

from ....runtime.arrays import AnyFloatArray, Float32Array
from ....runtime.light.equirectangular import map_directions
from ....runtime.output.image_writer import write_image
from ..compiled import compiled_with
from ..illumination import Lamps, panorama_position
from ..parts import Part
from ..person import Person
from .baked_surface import bake_surface
from .scene import Scene

ENVIRONMENT_HEIGHT = 256
IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]


def export_scene(scene: Scene, folder: Path) -> str:
    """Write mesh.npz, albedo.exr, gloss.exr, environment.exr and scene.json into an existing folder.

    Of a textured person also relief.exr, the atlas' tangent-space normals as they are (glTF's convention, which is
    Blender's own): Blender tilts normals by them with its own tangents.

    Returns:
        A digest of everything written: the same scene has the same.
    """
    subject, vertices, normals = scene.subject, scene.camera_vertices, scene.camera_normals
    person = without_clear_lenses(subject.person)
    triangles, order = outward_triangles(vertices, normals, person.triangles)
    surface = bake_surface(person, subject.appearance, scene.masks, subject.atlas)
    mesh = {
        "vertices": vertices,
        "normals": normals,
        "triangles": triangles,
        "uv": np.take_along_axis(surface.uv, order[:, :, None], axis=1),
        "atlas_uv": np.stack([person.uv[:, 0], 1.0 - person.uv[:, 1]], axis=1)[triangles],
    }
    maps = {"albedo": surface.colour, "gloss": surface.gloss, "environment": camera_environment(scene)}
    if subject.atlas is not None:
        maps["relief"] = np.asarray(subject.atlas.normal).astype(np.float32) / np.float32(255.0)
    description = json.dumps(
        {
            "size": scene.size,
            "tangent": float(scene.pose.tangent),
            "has_relief": subject.atlas is not None,
            "has_alpha": bool((person.triangle_texture == 2).any()),
            "lamps": described_lamps(scene.light.lamps.turned(scene.camera_from_head), scene.pose.offset),
        }
    )
    np.savez(folder / "mesh.npz", **mesh)
    for name, pixels in maps.items():
        write_map(folder / f"{name}.exr", pixels)
    (folder / "scene.json").write_text(description)
    digest = hashlib.sha256(description.encode())
    for array in (*mesh.values(), *maps.values()):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def without_clear_lenses(person: Person) -> Person:
    """The person without the clear lenses of glasses, which are no diffuse surfaces."""
    kept = person.parts != Part.LENS
    return replace(
        person,
        triangles=person.triangles[kept],
        parts=person.parts[kept],
        triangle_texture=person.triangle_texture[kept],
    )


def outward_triangles(
    vertices: Float32Array, normals: Float32Array, triangles: IntArray
) -> tuple[IntArray, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Wind triangles so that they face the way their vertices' normals do.

    A path tracer turns the normal of a surface that is seen from its geometric back; where a mesh is mirrored, or a
    ribbon took its normals from elsewhere, winding and normals disagree.

    Returns:
        (T, 3) triangles, and (T, 3) which of the given corners stands at each place.
    """
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    facing = np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[triangles].sum(axis=1))
    order = np.where(facing[:, None] < 0.0, np.array([0, 2, 1]), np.array([0, 1, 2]))
    return np.take_along_axis(triangles, order, axis=1), order


def camera_environment(scene: Scene) -> Float32Array:
    """(256, 512, 3) radiance of the environment as a map in Blender's layout whose axes are the camera's."""
    panorama_from_camera = scene.light.panorama_from_head @ scene.camera_from_head.T
    directions = map_directions(ENVIRONMENT_HEIGHT, 2 * ENVIRONMENT_HEIGHT) @ panorama_from_camera.T
    radiance = bilinear_lookup(scene.light.levels[0], directions.reshape(-1, 3).astype(np.float32))
    camera_map: Float32Array = radiance.reshape(directions.shape)
    return camera_map


@compiled_with()
def bilinear_lookup(radiance: Float32Array, directions: Float32Array) -> Float32Array:
    """(N, 3) radiance of a map along (N, 3) unit directions in its axes, as the stage looks it up."""
    height, width = radiance.shape[0], radiance.shape[1]
    result = np.empty((directions.shape[0], 3), np.float32)
    for i in range(directions.shape[0]):
        column, row = panorama_position(directions[i, 0], directions[i, 1], directions[i, 2], height, width)
        left, top = int(np.floor(column)), min(int(row), height - 2)
        across, down = column - left, row - top
        a, b = left % width, (left + 1) % width
        for c in range(3):
            upper = radiance[top, a, c] * (1 - across) + radiance[top, b, c] * across
            lower = radiance[top + 1, a, c] * (1 - across) + radiance[top + 1, b, c] * across
            result[i, c] = upper * (1 - down) + lower * down
    return result


def described_lamps(lamps: Lamps, head: AnyFloatArray) -> list[dict[str, object]]:
    """Blender's settings for each lamp.

    Args:
        lamps: camera axes, seen from the head.
        head: (3,) place of the head's origin in camera space.

    Returns:
        For a sun: direction (towards it), angle (diameter), strength (irradiance); for a lamp at a place: position,
        radius in metres and strength, which Blender's point light divides by 4π to get an intensity.
    """
    described: list[dict[str, object]] = []
    for direction, distance, radius, irradiance in zip(
        lamps.direction, lamps.distance, lamps.radius, lamps.irradiance, strict=True
    ):
        if np.isinf(distance):
            described.append(
                {"direction": direction.tolist(), "angle": 2.0 * float(radius), "strength": irradiance.tolist()}
            )
        else:
            described.append(
                {
                    "position": (np.asarray(head) + direction * distance).tolist(),
                    "radius": float(distance * np.sin(radius)),
                    "strength": (4.0 * np.pi * irradiance * distance**2).tolist(),
                }
            )
    return described


def write_map(path: Path, pixels: Float32Array) -> None:
    """Write a half-float EXR."""
    height, width, channels = pixels.shape
    spec = ImageSpec(width, height, channels, "half")
    write_image(path, spec, [np.ascontiguousarray(pixels, np.float32)])
