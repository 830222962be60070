"""The temporal network: steadies a frame's maps, planes and head pose by the frames before it.

What flickers has three sources, and each is met where it is. Noise and compression of the plate sit in fine features:
past maps are carried along the motion of the picture and mixed with the present ones, by shares that a small network
gives each frame, place and kind of map. Tone, light and depth of the whole head are the tokens' affair: two
transformers over the window, albedo and shading attending to each other, add residual maps and planes (R3DPVR, section
3.3). They fetch differences from the present alone, so that nothing is added where nothing changes, and no tone jumps
behind a cut. And the crop's own jitter is motion like any other. Where the past disagrees for a reason (a mouth that
opens, a lamp that goes on), its share falls and the present stands.

Nothing is kept from one window to the next: a frame's result is the same whatever was computed before.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import activated
from ..shuffling import pixel_shuffled
from .temporal_alignment import aligned_motion, averaged, warped
from .temporal_transformers import GRID, WIDTH, SeenFrames, TemporalTransformers, Tokens
from .temporal_window import FRAMES, MAP_CHANNELS, RANGES, Steadied, Window

GROUPS = {
    "surface": ("albedo", "roughness", "specular"),
    "geometry": ("normal", "depth"),
    "matte": ("matte", "parts"),
    "shading": ("transport",),
}
"""Maps that share a frame's share."""
COMPARED = ("albedo", "normal", "depth", "matte", "transport", "parts")
SURFACE_MAPS = ("albedo", "normal", "depth", "matte", "roughness", "specular", "parts")
CONTEXT = 8
"""Numbers that each transformer tells the shares of every token's place."""
DIFFERENCE_SCALE = 8.0
"""Brings differences between frames, some hundredths, to about one."""
HEAD_GROUPS = (6, 2)
"""Rotation and centre have a share of their own each."""


def alignment_features(maps: Tensor, luminance: Tensor) -> Tensor:
    """(N, F, 4, h, w) what motion is found by: the plate's brightness, the normals' slant and the matte.

    The plate is what moves; where its light changes, the shape goes on telling where the head went.
    """
    matte = maps[:, :, RANGES["matte"]].clamp(0.0, 1.0)
    slant = maps[:, :, RANGES["normal"]][:, :, :2]
    return torch.cat([1.7 * luminance, 0.5 * slant * matte, 0.5 * matte], dim=2)


def group_selection() -> Tensor:
    """(MAP_CHANNELS, G) one where a channel belongs to a group."""
    selection = torch.zeros(MAP_CHANNELS, len(GROUPS))
    for column, names in enumerate(GROUPS.values()):
        for name in names:
            selection[RANGES[name], column] = 1.0
    return selection


def carried_lines(plane: Tensor, shift: Tensor, *, rows: bool) -> Tensor:
    """A plane without one axis of the picture, moved along the other: linear interpolation as one product.

    Args:
        plane: (N, C, h, w).
        shift: (N, h) or (N, w) from where a row (column) is to where it was, in units of half the picture's side.
        rows: move rows, else columns.
    """
    size = plane.shape[2 if rows else 3]
    lines = torch.arange(size, device=plane.device, dtype=plane.dtype)
    wanted = (lines + 0.5 * size * shift).clamp(0.0, size - 1.0)
    weight = (1.0 - (wanted[:, :, None] - lines).abs()).clamp_min(0.0)[:, None]
    return weight @ plane if rows else plane @ weight.transpose(2, 3)


class ShareNetwork(nn.Module):
    """How much of each frame goes into the result, at each place and for each group of maps."""

    HIDDEN = 24

    def __init__(self) -> None:
        super().__init__()
        seen = 2 * (len(COMPARED) + 1) + 2 + 2 * CONTEXT
        self.first = nn.Conv2d(seen, self.HIDDEN, 3, padding=1)
        self.second = nn.Conv2d(self.HIDDEN, self.HIDDEN, 3, padding=1)
        self.last = nn.Conv2d(self.HIDDEN, len(GROUPS), 1)
        self.age = nn.Parameter(torch.zeros(1, FRAMES, len(GROUPS), 1, 1))
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]  # a convolution with a bias

    def forward(self, maps: Tensor, luminance: Tensor, context: Tensor) -> Tensor:
        """Shares of each frame, one in sum.

        Args:
            maps: (N, F, MAP_CHANNELS, h, w) carried to the present.
            luminance: (N, F, 1, h, w) likewise.
            context: (N, 2 · CONTEXT, h / 2, w / 2).

        Returns:
            (N, F, G, h / 2, w / 2).
        """
        count, frames = maps.shape[:2]
        matte = functional.avg_pool2d(maps[:, :, RANGES["matte"]].flatten(0, 1), 2)
        features = torch.cat(
            [
                DIFFERENCE_SCALE * self._differences(maps, luminance),
                matte,
                matte.reshape(count, frames, *matte.shape[1:])[:, -1:].expand(-1, frames, -1, -1, -1).flatten(0, 1),
                context[:, None].expand(-1, frames, -1, -1, -1).flatten(0, 1),
            ],
            dim=1,
        )
        logit = self.last(activated(self.second(activated(self.first(features)))))
        logit = logit.reshape(count, frames, *logit.shape[1:]) + self.age[:, FRAMES - frames :]
        shares: Tensor = logit.softmax(dim=1)
        return shares

    @staticmethod
    def _differences(maps: Tensor, luminance: Tensor) -> Tensor:
        """(N · F, 2 · (kinds + 1), h / 2, w / 2) what differs from the present: of each pixel, and of whole windows.

        Noise differs in each pixel but not in the mean of many; what truly changed differs in both.
        """
        per_pixel, per_window = [], []
        for field in (*(maps[:, :, RANGES[name]] for name in COMPARED), luminance):
            difference = (field - field[:, -1:]).flatten(0, 1)
            small = functional.avg_pool2d(difference, 2)
            per_pixel.append(functional.avg_pool2d(difference.abs().mean(dim=1, keepdim=True), 2))
            per_window.append(averaged(small, 5).abs().mean(dim=1, keepdim=True))
        return torch.cat(per_pixel + per_window, dim=1)


class TemporalNetwork(nn.Module):
    """A window of frames in, the present one steadied out."""

    def __init__(self, albedo_planes: int, shading_planes: int) -> None:
        """A new network.

        Args:
            albedo_planes: channels of each of the encoder's albedo planes; 0 where it has none.
            shading_planes: of each shading plane.
        """
        super().__init__()
        self.albedo_planes, self.shading_planes = albedo_planes, shading_planes
        surface = sum(RANGES[name].stop - RANGES[name].start for name in SURFACE_MAPS)
        self.transformers = TemporalTransformers((surface, 3 * albedo_planes), (9 + 1, 3 * shading_planes))
        self.norm_albedo, self.norm_shading = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.context_albedo, self.context_shading = nn.Linear(WIDTH, CONTEXT), nn.Linear(WIDTH, CONTEXT)
        self.share = ShareNetwork()
        self.residual_surface, self.residual_transport = _residual(surface), _residual(9)
        self.residual_albedo = _residual(3 * albedo_planes) if albedo_planes else None
        self.residual_shading = _residual(3 * shading_planes) if shading_planes else None
        self.head_first = nn.Linear(8 + 2 * CONTEXT, 16)
        self.head_last = nn.Linear(16, len(HEAD_GROUPS))
        self.head_age = nn.Parameter(torch.zeros(1, FRAMES, len(HEAD_GROUPS)))
        self.register_buffer("selection", group_selection(), persistent=False)

    def forward(self, window: Window) -> Steadied:
        """Steady the last frame of a window of two to FRAMES frames."""
        motion = self.motion(window)
        carried = self._carried(torch.cat([window.maps, window.luminance], dim=2), motion)
        maps, luminance = carried[:, :, :MAP_CHANNELS], carried[:, :, MAP_CHANNELS:]
        small = functional.avg_pool2d(motion, 2)
        albedo_planes = self._carried_planes(window.albedo_planes, small)
        shading_planes = self._carried_planes(window.shading_planes, small)
        albedo, shading = self.transformers(*_seen(maps, luminance, albedo_planes, shading_planes))
        context = self._context(albedo, shading)
        shares = self.share(maps, luminance, functional.interpolate(context, scale_factor=4.0, mode="bilinear"))
        residual = _with_transport(
            _enlarged(self.residual_surface(albedo.moved), 4), _enlarged(self.residual_transport(shading.moved), 4)
        )
        groups = list(GROUPS)
        if self.residual_albedo is not None and self.residual_shading is not None:
            geometry, light = shares[:, :, groups.index("geometry")], shares[:, :, groups.index("shading")]
            steady_albedo = _mixed_planes(albedo_planes, geometry) + _enlarged(self.residual_albedo(albedo.moved), 2)
            steady_shading = _mixed_planes(shading_planes, light) + _enlarged(self.residual_shading(shading.moved), 2)
        else:
            steady_albedo, steady_shading = albedo_planes[:, -1], shading_planes[:, -1]
        return Steadied(
            maps=self._mixed(maps, shares) + residual,
            head=self._head(window.head, context),
            albedo_planes=steady_albedo,
            shading_planes=steady_shading,
            shares=shares,
        )

    @staticmethod
    def motion(window: Window) -> Tensor:
        """(N · (F − 1), 2, h, w) from the present to each past frame; nothing is learned through it."""
        with torch.no_grad():
            features = alignment_features(window.maps, window.luminance)
            past = features[:, :-1]
            return aligned_motion(features[:, -1:].expand_as(past).flatten(0, 1), past.flatten(0, 1))

    @staticmethod
    def _carried(maps: Tensor, motion: Tensor) -> Tensor:
        """(N, F, C, h, w) with the past where the present has it."""
        past = warped(maps[:, :-1].flatten(0, 1), motion)
        return torch.cat([past.reshape(maps.shape[0], -1, *maps.shape[2:]), maps[:, -1:]], dim=1)

    @staticmethod
    def _carried_planes(planes: Tensor, motion: Tensor) -> Tensor:
        """The same for front, side (rows move) and top (columns move), (N, F, 3C, 64, 64)."""
        if planes.shape[2] == 0:
            return planes
        front, side, top = planes[:, :-1].flatten(0, 1).chunk(3, dim=1)
        carried = [
            warped(front, motion),
            carried_lines(side, motion[:, 1].mean(dim=2), rows=True),
            carried_lines(top, motion[:, 0].mean(dim=1), rows=False),
        ]
        past = torch.cat(carried, dim=1).reshape(planes.shape[0], -1, *planes.shape[2:])
        return torch.cat([past, planes[:, -1:]], dim=1)

    def _context(self, albedo: Tokens, shading: Tokens) -> Tensor:
        """(N, 2 · CONTEXT, 16, 16) what the transformers tell the shares."""
        told = [
            self.context_albedo(self.norm_albedo(albedo.present + albedo.moved)),
            self.context_shading(self.norm_shading(shading.present + shading.moved)),
        ]
        return torch.cat([_grid(one) for one in told], dim=1)

    def _mixed(self, maps: Tensor, shares: Tensor) -> Tensor:
        """(N, MAP_CHANNELS, h, w) the frames' maps by their shares."""
        count, frames = shares.shape[:2]
        wide = functional.interpolate(shares.flatten(0, 1), scale_factor=2.0, mode="bilinear")
        each = functional.conv2d(wide, self.selection[:, :, None, None])  # type: ignore[index]  # a buffer
        mixed: Tensor = (maps * each.reshape(count, frames, *each.shape[1:])).sum(dim=1)
        return mixed

    def _head(self, head: Tensor, context: Tensor) -> Tensor:
        """(N, 8) head poses by their shares."""
        frames = head.shape[1]
        about = context.mean(dim=(2, 3))[:, None].expand(-1, frames, -1)
        seen = torch.cat([DIFFERENCE_SCALE * (head - head[:, -1:]).abs(), about], dim=2)
        logit = self.head_last(activated(self.head_first(seen))) + self.head_age[:, FRAMES - frames :]
        shares = logit.softmax(dim=1)
        each = torch.cat(
            [share.expand(-1, -1, count) for share, count in zip(shares.split(1, dim=2), HEAD_GROUPS, strict=True)],
            dim=2,
        )
        return (head * each).sum(dim=1)


def _residual(channels: int) -> nn.Linear:
    """From tokens to the residuals of four places each; begins as nothing added."""
    layer = nn.Linear(WIDTH, 4 * channels, bias=False)
    nn.init.zeros_(layer.weight)
    return layer


def _grid(tokens: Tensor) -> Tensor:
    """(N, 256, C) to (N, C, 16, 16)."""
    return tokens.transpose(1, 2).reshape(tokens.shape[0], -1, GRID, GRID)


def _with_transport(others: Tensor, transport: Tensor) -> Tensor:
    """Channels in the order of RANGES from those of all maps but transport, and transport's."""
    before = RANGES["transport"].start
    return torch.cat([others[:, :before], transport, others[:, before:]], dim=1)


def _mixed_planes(planes: Tensor, shares: Tensor) -> Tensor:
    """(N, 3C, 64, 64) planes by shares (N, F, 64, 64): place by place in front, by rows and columns in the others."""
    front, side, top = planes.chunk(3, dim=2)
    rows, columns = shares.mean(dim=3), shares.mean(dim=2)
    return torch.cat(
        [
            (front * shares[:, :, None]).sum(dim=1),
            (side * rows[:, :, None, :, None]).sum(dim=1),
            (top * columns[:, :, None, None, :]).sum(dim=1),
        ],
        dim=1,
    )


def _seen(maps: Tensor, luminance: Tensor, albedo: Tensor, shading: Tensor) -> tuple[SeenFrames, SeenFrames]:
    """What the two transformers read."""
    surface = torch.cat([maps[:, :, RANGES[name]] for name in SURFACE_MAPS], dim=2)
    light = torch.cat([maps[:, :, RANGES["transport"]], luminance], dim=2)
    return SeenFrames(_reduced(surface, 4), _reduced(albedo, 2)), SeenFrames(_reduced(light, 4), _reduced(shading, 2))


def _reduced(images: Tensor, factor: int) -> Tensor:
    """(N, F, C, h, w) at a fraction of the size; those without channels as they are."""
    if images.shape[2] == 0:
        return images
    small = functional.avg_pool2d(images.flatten(0, 1), factor)
    return small.reshape(*images.shape[:2], *small.shape[1:])


def _enlarged(tokens: Tensor, factor: int) -> Tensor:
    """(N, 256, 4C) residuals of four places each, (N, C, 32, 32), brought up by a factor."""
    placed = pixel_shuffled(_grid(tokens), 2)
    return functional.interpolate(placed, scale_factor=float(factor), mode="bilinear")
