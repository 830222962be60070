"""The whole road for one plate frame: locate, encode, view, light, compose.

`Relighter` keeps what did not change: moving a light runs only the light and the compose step, moving the camera the
view as well, and the networks run once per plate frame.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .cache import EncodingCache, cache_key
from .camera import Camera
from .compose.catchlights import with_eyes
from .compose.compose import compose
from .compose.delight import DelitPlate, delight
from .compose.given_matte import GivenMatte, held_to
from .compose.kept_light import KeptLight
from .compose.resized import resized_passes
from .compose.upsampling import INSIDE_MATTE
from .encode import encode
from .encoding import Encoding
from .errors import HeadError, PlateError
from .field.carved_field import CarvedField
from .gbuffer import GBuffer, Shaded
from .head import HeadBox
from .light.shade import no_light, own_shading, shade
from .light.shadows import FINAL_SHADOWS, PREVIEW_SHADOWS
from .locate import ChosenHead, check_box, choose_head, find_heads, largest_first
from .mattes import Mattes, coverage_messages, identity_within, seen_within
from .network import Network, is_listed, load_network, weights_file
from .passes import Passes
from .plate.plate import Plate, PlateFrame
from .preview import reduced_camera, reduced_encoding, reduced_frame
from .recent import Recent
from .recentre import pose_network, recentred
from .relight_request import RelightRequest
from .remarks import remarks
from .stopwatch import Stopwatch
from .temporal.continuity import continues
from .temporal.installed import temporal_network
from .temporal.steady import FRAMES, steadied
from .temporal.window import window_before
from .track import steady_head
from .view.head_field import head_field
from .view.view import view

__all__ = ["RelightRequest", "RelightResult", "Relighter", "networks_in_use"]

DEFAULT_CACHE_LIMIT_BYTES = 20 * 1024**3
ENCODING_VERSION = 5
"""Raised when the same networks would give another encoding, so that old cache entries are not used."""
LOCATING_VERSION = 3
"""The same for heads."""


def networks_in_use() -> str:
    """A fingerprint of everything but plate and settings that plain encodings depend on; loads no network.

    Raises:
        WeightsError: the networks are not installed.
    """
    hashes = [weights_file(name).sha256 for name in ("locator", "portrait")]
    return cache_key(networks=hashes, locating=LOCATING_VERSION, encoding=ENCODING_VERSION)[:24]


@dataclass(frozen=True)
class RelightResult:
    """A relit frame.

    Attributes:
        passes: the result at the render camera's size; of a preview reduced.
        encoding: what the network knows about the frame.
        messages: what the user should know, one sentence each.
        seconds: time by stage: locate, encode, light, view, compose; a stage that was kept takes none.
    """

    passes: Passes
    encoding: Encoding
    messages: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Analysis:
    """The heavy part of a frame: which head, and its encoding."""

    encoding: Encoding
    messages: tuple[str, ...]
    key: str


class Relighter:
    """Relights plate frames, keeping networks, encodings and intermediate results."""

    def __init__(
        self,
        *,
        cache_folder: Path | None = None,
        cache_limit_bytes: int = DEFAULT_CACHE_LIMIT_BYTES,
        providers: Sequence[str] | None = None,
    ) -> None:
        self._providers = providers
        self._cache = EncodingCache(cache_folder, cache_limit_bytes) if cache_folder else None
        self._heads: Recent[list[HeadBox]] = Recent(2000)
        self._analyses: Recent[Analysis] = Recent(FRAMES + 3)
        self._steadied: Recent[Analysis] = Recent(4)
        self._held_analyses: Recent[Analysis] = Recent(4)
        self._continuity: Recent[bool] = Recent(100)
        self._gbuffers: Recent[GBuffer] = Recent(4)
        self._fields: Recent[CarvedField | None] = Recent(2)
        self._delit: Recent[DelitPlate] = Recent(2)
        self._previews: Recent[PlateFrame] = Recent(2)
        self._reduced: Recent[Analysis] = Recent(4)

    @property
    def cache_problem(self) -> str | None:
        """One sentence on why the last result was not kept on disk, or None."""
        return self._cache.problem if self._cache else None

    def heads_at(self, plate: Plate, number: int) -> list[HeadBox]:
        """All heads of a plate's frame, largest first; the frame is read only where they are not known yet.

        Raises:
            PlateError: there is no such frame, or it cannot be read.
        """
        return self._heads_of(plate.identity(number), lambda: plate.read(number))

    def find_heads(self, frame: PlateFrame) -> list[HeadBox]:
        """All heads of a frame, largest first."""
        return self._heads_of(frame.identity, lambda: frame)

    def _heads_of(self, identity: str, read: Callable[[], PlateFrame]) -> list[HeadBox]:
        """From memory, from disk, or from the networks; only the networks read the frame."""
        locator = load_network("locator", providers=self._providers)
        portrait = load_network("portrait", providers=self._providers)
        networks = (locator.sha256, portrait.sha256)

        def compute() -> list[HeadBox]:
            key = cache_key(heads=identity, networks=list(networks), version=LOCATING_VERSION)
            kept = self._cache.get_heads(key) if self._cache else None
            if kept is not None:
                return kept
            image, pose = read().image, pose_network(providers=self._providers)
            heads = largest_first(recentred(image, head, pose) for head in find_heads(image, locator))
            if self._cache:
                self._cache.put_heads(key, heads)
            return heads

        return self._heads.get((identity, *networks), compute)

    def choose(self, frame: PlateFrame, *, person: int = 0, plate: Plate | None = None) -> ChosenHead:
        """The head to relight; steadied by the frames around it where the plate is given."""

        def find(number: int) -> list[HeadBox]:
            if plate is None or number == frame.frame:
                return self.find_heads(frame)
            return self.heads_at(plate, number)

        return _chosen(frame, frame.frame, find, person, plate)

    def is_analysed(
        self,
        frame: PlateFrame,
        plate_camera: Camera,
        *,
        person: int = 0,
        box: HeadBox | None = None,
        plate: Plate | None = None,
        steady: bool = True,
        mattes: Mattes | None = None,
    ) -> bool:
        """Whether `analyse`, which see, would run neither locator nor portrait network; takes a moment.

        Raises:
            WeightsError: the networks are missing or damaged.
        """

        def unread() -> PlateFrame:
            raise _NotAnalysedError

        def known(number: int, identity: str) -> bool:
            def find(other: int) -> list[HeadBox]:
                here = plate is None or other == frame.frame
                return self._heads_of(frame.identity if here or plate is None else plate.identity(other), unread)

            chosen = self._given(frame, box) if box else _chosen(frame, number, find, person, plate)
            portrait = load_network("portrait", providers=self._providers)
            key = _encoding_key(identity_within(identity, mattes, number), plate_camera, chosen.box, portrait)
            return key in self._analyses or (self._cache is not None and self._cache.has(key))

        try:
            if not known(frame.frame, frame.identity):
                return False
            if plate is None or not self._is_steadied(steady, plate):
                return True
            before = range(frame.frame - 1, frame.frame - FRAMES, -1)
            return all(known(number, plate.identity(number)) for number in before)
        except _NotAnalysedError:
            return False
        except (HeadError, PlateError):
            return True  # And `analyse` will say so at once, or begin its window there.

    def analyse(
        self,
        frame: PlateFrame,
        plate_camera: Camera,
        *,
        person: int = 0,
        box: HeadBox | None = None,
        plate: Plate | None = None,
        steady: bool = True,
        mattes: Mattes | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> Analysis:
        """Find the head and encode it; from memory or from the cache where it was done before.

        Each frame is encoded by itself and kept so; the frames before it then steady it (`temporal.steady`).

        Args:
            frame: the plate frame.
            plate_camera: its camera, at the frame's size.
            person: which head, 0 being the largest.
            box: the head box in place of the locator's.
            plate: where the frame comes from, to steady the head box and the encoding over time.
            steady: whether the encoding is steadied, where there are frames before it.
            mattes: the artist's own, which heads are encoded within; None to encode them as they are.
            stopwatch: gets the time of the stages locate and encode.

        Raises:
            HeadError: no usable head.
            WeightsError: the networks are missing or damaged.
        """
        stopwatch = stopwatch or Stopwatch()
        with stopwatch.stage("locate"):
            chosen = self._given(frame, box) if box else self.choose(frame, person=person, plate=plate)
        with stopwatch.stage("encode"):
            plain = self._encoded(frame.identity, lambda: frame, plate_camera, chosen, frame.frame, mattes)
            if plate is None or not self._is_steadied(steady, plate):
                return plain
            before = self._window(frame, plain, plate_camera, plate, person=person, box=box, mattes=mattes)
            return self._steady(before)

    def _encoded(  # noqa: PLR0917 - a frame, how it was taken, and what is to be seen of it
        self,
        identity: str,
        read: Callable[[], PlateFrame],
        plate_camera: Camera,
        chosen: ChosenHead,
        number: int,
        mattes: Mattes | None,
    ) -> Analysis:
        """A frame's plain encoding; the frame is read only where it is not known."""
        portrait = load_network("portrait", providers=self._providers)
        key = _encoding_key(identity_within(identity, mattes, number), plate_camera, chosen.box, portrait)

        def compute() -> Analysis:
            kept = self._cache.get(key) if self._cache else None
            encoding = kept or encode(seen_within(read().image, mattes, number), plate_camera, chosen.box, portrait)
            if self._cache and kept is None:
                self._cache.put(key, encoding)
            return Analysis(encoding, chosen.messages, key)

        return self._analyses.get(key, compute)

    @staticmethod
    def _is_steadied(steady: bool, plate: Plate) -> bool:
        return steady and plate.first_frame < plate.last_frame and is_listed("temporal")

    def _window(
        self,
        frame: PlateFrame,
        plain: Analysis,
        plate_camera: Camera,
        plate: Plate,
        *,
        person: int,
        box: HeadBox | None,
        mattes: Mattes | None,
    ) -> list[Analysis]:
        """The plain analyses that steady a frame's, the oldest first, its own last."""

        def analysis_at(number: int) -> Analysis | None:
            try:
                chosen = (
                    self._given(frame, box)
                    if box
                    else _chosen(frame, number, lambda other: self.heads_at(plate, other), person, plate)
                )
                identity = plate.identity(number)
                return self._encoded(identity, lambda: plate.read(number), plate_camera, chosen, number, mattes)
            except (HeadError, PlateError):
                return None

        return window_before(frame.frame, plain, analysis_at, self._goes_on)

    def _goes_on(self, before: Analysis, after: Analysis) -> bool:
        return self._continuity.get((before.key, after.key), lambda: continues(before.encoding, after.encoding))

    def _steady(self, window: list[Analysis]) -> Analysis:
        plain, temporal = window[-1], temporal_network(providers=self._providers)
        if len(window) == 1 or temporal is None:
            return plain
        key = cache_key(window=[analysis.key for analysis in window], network=temporal.sha256)

        def compute() -> Analysis:
            encoding = steadied([analysis.encoding for analysis in window], temporal)
            return Analysis(encoding, plain.messages, key)

        return self._steadied.get(key, compute)

    @staticmethod
    def _given(frame: PlateFrame, box: HeadBox) -> ChosenHead:
        height, width = frame.image.shape[:2]
        check_box(box, width, height)
        return ChosenHead(box)

    def relight(self, frame: PlateFrame, request: RelightRequest, plate: Plate | None = None) -> RelightResult:
        """Relight one plate frame.

        Args:
            frame: the plate frame.
            request: cameras, light and settings.
            plate: where the frame comes from, to steady the head box over time.

        Raises:
            ChiaroError: anything the user can mend; the sentence says what.
        """
        stopwatch = Stopwatch()
        analysis = self.analyse(
            frame,
            request.plate_camera,
            person=request.person,
            box=request.box,
            plate=plate,
            steady=request.steady,
            mattes=request.mattes,
            stopwatch=stopwatch,
        )
        given = None if request.mattes is None else request.mattes.at(frame.frame)
        if given is not None:
            analysis = self._held(analysis, given)
        if request.reduction > 1:
            frame, request, analysis = self._preview(frame, request, analysis)
        with stopwatch.stage("view"):
            own_view = self._seen_from(analysis, request.plate_camera, request.plate_camera)
            final = request.reduction == 1
            new_view = self._seen_from(
                analysis,
                request.plate_camera,
                request.render_camera,
                painted=final,
                detail=request.detail if final else 1,
            )
        with stopwatch.stage("compose"):
            delit = self._delit.get(
                (analysis.key, request.own_light_removal),
                lambda: delight(
                    frame.image,
                    analysis.encoding,
                    own_shading(own_view),
                    own_light_removal=request.own_light_removal,
                    given=given and given.reduced(request.reduction),
                ),
            )
        with stopwatch.stage("light"):
            shaded, kept = _lit(new_view, delit, request)
        with stopwatch.stage("compose"):
            passes = compose(
                frame.image,
                frame.alpha,
                delit,
                new_view,
                shaded,
                request.render_camera,
                kept,
                wanted=request.wanted,
            )
            passes = resized_passes(passes, request.render_camera.width, request.render_camera.height, request.wanted)
        messages = analysis.messages + remarks(new_view, shaded, kept)
        return RelightResult(passes, analysis.encoding, messages, stopwatch.seconds)

    def _held(self, analysis: Analysis, given: GivenMatte) -> Analysis:
        """An analysis whose person ends where the artist's matte does."""
        key = cache_key(analysis=analysis.key, matte=given.identity)

        def compute() -> Analysis:
            held = held_to(analysis.encoding, given)
            return Analysis(held, analysis.messages + coverage_messages(held), key)

        return self._held_analyses.get(key, compute)

    def _preview(
        self, frame: PlateFrame, request: RelightRequest, analysis: Analysis
    ) -> tuple[PlateFrame, RelightRequest, Analysis]:
        """The same, on fewer pixels."""
        reduction = request.reduction
        return (
            self._previews.get((frame.identity, reduction), lambda: reduced_frame(frame, reduction)),
            replace(
                request,
                plate_camera=reduced_camera(request.plate_camera, reduction),
                render_camera=reduced_camera(request.render_camera, reduction),
            ),
            self._reduced.get((analysis.key, reduction), lambda: _reduced_analysis(analysis, reduction)),
        )

    def _seen_from(
        self,
        analysis: Analysis,
        plate_camera: Camera,
        render_camera: Camera,
        *,
        painted: bool = True,
        detail: int = 1,
    ) -> GBuffer:
        """The view of an analysis, `detail` times as fine as its crop; `painted`: with what the plate never saw."""
        key = (analysis.key, detail, *_camera_numbers(plate_camera), *_camera_numbers(render_camera))
        encoding = analysis.encoding
        size = detail * encoding.crop.camera.width

        def field() -> CarvedField | None:
            if not painted:
                return None
            return self._fields.get(analysis.key, lambda: head_field(encoding, providers=self._providers))

        return self._gbuffers.get(key, lambda: view(encoding, plate_camera, render_camera, size=size, field=field))


class _NotAnalysedError(Exception):
    """The heads of a frame are not known yet."""


def _lit(seen: GBuffer, delit: DelitPlate, request: RelightRequest) -> tuple[Shaded, KeptLight | None]:
    """The new light on a surface and in the plate's eyes, and what stays of the plate's own.

    Raises:
        LightError: there is neither, or the new one cannot be used.
    """
    share = request.share_of_own
    kept = KeptLight(share, lambda: own_shading(seen)) if share > 0 else None
    if kept is not None and request.light.is_empty:
        return no_light(seen), kept
    # Compose takes light from inside the matte only, and carries it on from there.
    shadows = PREVIEW_SHADOWS if request.reduction > 1 else FINAL_SHADOWS
    shaded = shade(seen, request.light, shadows, least_matte=INSIDE_MATTE[0])
    shaded = with_eyes(
        shaded,
        seen,
        delit,
        plate_camera=request.plate_camera,
        render_camera=request.render_camera,
        light=request.light,
        shadows=shadows,
    )
    return shaded.scaled(request.share_of_new), kept


def _chosen(
    frame: PlateFrame, number: int, find: Callable[[int], list[HeadBox]], person: int, plate: Plate | None
) -> ChosenHead:
    """The head of a frame of the plate that `frame` is of; all its frames have the same size."""
    height, width = frame.image.shape[:2]
    if plate is None or plate.first_frame == plate.last_frame:
        return choose_head(find(number), width, height, person=person)
    return steady_head(number, find, width, height, person=person)


def _encoding_key(identity: str, plate_camera: Camera, box: HeadBox, portrait: Network) -> str:
    return cache_key(
        plate=identity,
        network=portrait.sha256,
        version=ENCODING_VERSION,
        box=[round(value, 3) for value in _box_numbers(box)],
        lens=[round(value, 3) for value in plate_camera.intrinsics],
    )


def _reduced_analysis(analysis: Analysis, reduction: int) -> Analysis:
    return replace(
        analysis, encoding=reduced_encoding(analysis.encoding, reduction), key=f"{analysis.key} / {reduction}"
    )


def _box_numbers(box: HeadBox) -> tuple[float, ...]:
    return (box.centre_x, box.centre_y, box.half_size, 100 * box.roll)


def _camera_numbers(camera: Camera) -> tuple[float, ...]:
    return (*camera.intrinsics, *camera.world_from_camera.ravel().tolist())
