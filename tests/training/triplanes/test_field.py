"""The field begins as a shell behind the depth map and learns a shape from points."""

import pytest
import torch

from chiaro.training.triplanes.field import Field, FieldInputs
from chiaro.training.triplanes.field_losses import TRUNCATION, distance_loss, occupancy_loss, surface_losses
from chiaro.training.triplanes.planes import TriPlanes
from chiaro.training.triplanes.size import ModelSize

SIZE = ModelSize(albedo_planes=6, shading_planes=4, field=24)


def _inputs(depth: float = -0.2) -> FieldInputs:
    albedo = TriPlanes(*(torch.zeros(1, 6, 16, 16, requires_grad=True) for _ in range(3)))
    shading = TriPlanes(*(torch.zeros(1, 4, 16, 16, requires_grad=True) for _ in range(3)))
    matte = torch.zeros(1, 1, 16, 16)
    matte[..., 4:12] = 1.0
    return FieldInputs(albedo, shading, torch.full((1, 1, 16, 16), depth), matte)


def test_it_begins_with_the_depth_map_as_its_surface() -> None:
    field = Field(SIZE)
    points = torch.tensor([[[0.0, 0.0, -0.6], [0.0, 0.0, -0.2], [0.0, 0.0, 0.0], [0.95, 0.0, 0.0]]])
    distance = field.distance(_inputs(), points)[0, 0]
    assert float(distance[0]) > 0.1  # before the surface
    assert abs(float(distance[1])) < 1e-5  # on it
    assert float(distance[2]) < -0.05  # behind it
    assert float(distance[3]) > 0.1  # outside the matte


def test_far_from_the_surface_only_the_sign_counts() -> None:
    valid = torch.ones(1, 1)
    far = torch.tensor([[0.9]])
    assert float(distance_loss(torch.tensor([[TRUNCATION + 0.3]]), far, valid)) == 0.0
    assert float(distance_loss(torch.tensor([[-0.1]]), far, valid)) > 0.2


def test_the_wrong_side_costs_much_however_small_the_number() -> None:
    true, valid = torch.tensor([[0.2]]), torch.ones(1, 1)
    costs = [float(occupancy_loss(torch.tensor([[value]]), true, valid)) for value in (0.2, 0.1, 0.01, -0.01, -0.2)]
    assert costs[0] == pytest.approx(0.0, abs=1e-6)
    assert costs == sorted(costs)
    assert costs[3] > 0.5
    assert float(occupancy_loss(torch.tensor([[-0.2]]), true, torch.zeros(1, 1))) == 0.0


def test_a_sphere_is_learned_from_points() -> None:
    torch.manual_seed(1)
    field, inputs = Field(SIZE), _inputs()
    planes = [*inputs.albedo, *inputs.shading]
    optimiser = torch.optim.Adam([*field.parameters(), *planes], lr=2e-2)
    for step in range(150):
        points = torch.rand(1, 512, 3, generator=torch.Generator().manual_seed(step)) * 1.6 - 0.8
        true = points.norm(dim=-1) - 0.5
        loss = distance_loss(field.distance(inputs, points)[:, 0], true, torch.ones(1, 512))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
    points = torch.rand(1, 2048, 3, generator=torch.Generator().manual_seed(999)) * 1.6 - 0.8
    true = points.norm(dim=-1) - 0.5
    with torch.no_grad():
        found = field.distance(inputs, points)[:, 0]
    near = true.abs() < 0.15
    assert float((found - true).abs()[near].mean()) < 0.03
    clear = true.abs() > 0.05
    assert float(((found > 0) == (true > 0))[clear].float().mean()) > 0.98


def test_points_that_are_not_valid_do_not_count() -> None:
    torch.manual_seed(2)
    surface = {
        "points": torch.rand(1, 8, 3),
        "albedo": torch.rand(1, 3, 8),
        "normal": torch.nn.functional.normalize(torch.rand(1, 3, 8), dim=1),
        "transport": torch.rand(1, 9, 8),
        "valid": torch.tensor([[1.0] * 4 + [0.0] * 4]),
    }
    field, inputs, light = Field(SIZE), _inputs(), torch.rand(1, 9, 3)
    first = surface_losses(field, inputs, surface, light)
    surface["albedo"][..., 4:] = 9.0
    surface["points"][:, 4:] = -3.0
    second = surface_losses(field, inputs, surface, light)
    for name, value in first.items():
        torch.testing.assert_close(value, second[name])
