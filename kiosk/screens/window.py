"""The one window: shows the screen a model names, in its language, sized for the display, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

from kivy.app import App
from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.uix.floatlayout import FloatLayout

from ikm.domain.configuration import Aid
from ikm.i18n import Translate, translator
from kiosk.admin.model import Model as StaffModel
from kiosk.events import Action
from kiosk.focus import SCAN_STEP_MS
from kiosk.model import Model, Place, Screen
from kiosk.report import Box, Report, Sight
from kiosk.screens.attract import AttractScreen
from kiosk.screens.base import BaseScreen, Emit
from kiosk.screens.comment import CommentScreen
from kiosk.screens.corner import Corner
from kiosk.screens.idle import IdleScreen
from kiosk.screens.keys import Keys, Timing, called
from kiosk.screens.options import OptionsScreen
from kiosk.screens.out_of_service import OutOfServiceScreen
from kiosk.screens.profile import ProfileScreen
from kiosk.screens.question import QuestionScreen
from kiosk.screens.reading import ReadingScreen
from kiosk.screens.reasons import ReasonsScreen
from kiosk.screens.service import ServiceScreen
from kiosk.screens.sleep import SleepScreen
from kiosk.screens.staff import StaffScreen
from kiosk.screens.thanks import SavingScreen, ThanksScreen
from kiosk.theme import Theme
from kiosk.voice.clips import voices
from kiosk.voice.speech import Reading, Voice
from kiosk.widgets.target import Target
from kiosk.widgets.training import TrainingMark

SCREENS = {
    Screen.SLEEP: SleepScreen,
    Screen.ATTRACT: AttractScreen,
    Screen.READING: ReadingScreen,
    Screen.OPTIONS: OptionsScreen,
    Screen.SERVICE: ServiceScreen,
    Screen.QUESTION: QuestionScreen,
    Screen.REASONS: ReasonsScreen,
    Screen.PROFILE: ProfileScreen,
    Screen.COMMENT: CommentScreen,
    Screen.IDLE: IdleScreen,
    Screen.SAVING: SavingScreen,
    Screen.THANKS: ThanksScreen,
    Screen.OUT_OF_SERVICE: OutOfServiceScreen,
    Screen.STAFF: StaffScreen,
}


OF_EVERY_VISIT = (
    Screen.ATTRACT, Screen.SERVICE, Screen.QUESTION, Screen.REASONS, Screen.PROFILE, Screen.COMMENT, Screen.IDLE,
    Screen.SAVING, Screen.THANKS,
)  # fmt: skip
"""The others are made when they are first asked for: they cost 8 MB and most days need none."""


def _nothing() -> None:
    pass


class KioskWindow(App):
    """A Kivy application without settings or a way out. `started` is called once it is up.

    `staff` is called when a finger has rested in the upper left corner.

    `scan_step_s` is how long the ring of switch users stays on one target, `timing` where its time comes from,
    `voice` what reads aloud.
    """

    def __init__(
        self,
        emit: Emit,
        *,
        touched: Callable[[], None],
        started: Callable[[], None],
        staff: Callable[[], None] = _nothing,
        report: Report | None = None,
        closable: bool = False,
        scan_step_s: float = SCAN_STEP_MS / 1000,
        timing: Timing | None = None,
        voice: Voice | None = None,
    ) -> None:
        super().__init__()
        self._emit = emit
        self._touched = touched
        self._started = started
        self._corner = Corner(staff)
        self._report = report
        self._closable = closable
        self._translators: dict[str, Translate] = {}
        self._screens: dict[Screen, BaseScreen] = {}
        self._current: Screen | None = None
        self._model: Model | None = None
        self._settling = True
        self._look = Theme(1280, 800)
        self._scan_step_s = scan_step_s
        self._timing = timing
        self.voice = voice

    def build(self):
        """The root, with every screen made once."""
        for name in OF_EVERY_VISIT:
            self._made(name)
        self._training = TrainingMark()
        self._resize(Window, *Window.size)
        Window.bind(on_resize=self._resize, on_request_close=self._refuse_to_close)
        Window.bind(on_flip=self._settled)
        Window.bind(on_touch_down=self._feel, on_touch_move=self._follow, on_touch_up=self._let_go)
        # whatever a keyboard left on the counter sends ends here
        Window.bind(on_keyboard=lambda *_key: True)
        root = FloatLayout()
        self.keys = Keys(self, root.canvas.after, self._scan_step_s, self._timing)
        return root

    def on_start(self):
        """Begin, now that the window is up."""
        self._started()

    def open_settings(self, *_arguments):
        """Nothing: Kivy's settings are not for citizens."""
        return False

    def show(self, model: Model) -> None:
        """Show a model."""
        screen, translate = self._made(model.screen), self._translate(model.language)
        # an aid turned on lays out what is seen now; the other screens follow when their turn comes
        self._settling |= model.aids != self._look.aids
        self._look = replace(self._look, aids=model.aids)
        screen.look = self._training.look = self._look
        self._training.show(translate, shown=model.training)
        # where things stand is known once they have been laid out and drawn
        self._settling |= self._model is None or self._model.place != model.place
        self._model = model
        screen.show(model, translate)
        if self._current is not model.screen:
            self._current = model.screen
            self.root.clear_widgets()
            self.root.add_widget(screen)
            self.root.add_widget(self._training)
        reading = self._read_aloud(model, screen)
        self.keys.shown(model, reading.seconds if reading else 0)
        if reading:
            self.keys.follow(reading.marks)
        self._tell()

    def attend(self, model: StaffModel) -> None:
        """Show a page of the staff's screens, once the model shown last has made room for them."""
        self._settling |= self._made(Screen.STAFF).attend(model)
        if self._model is not None:
            self.keys.shown(self._model, 0)

    def screen(self) -> BaseScreen:
        """The screen shown."""
        return self._screens[self._current]

    def targets(self) -> dict[str, Box]:
        """What can be tapped now, by name, in window pixels from the top left."""
        height = Window.height
        return {
            name: (round(target.x), round(height - target.top), round(target.width), round(target.height))
            for name, target in self.screen().targets()
            if target.offered
        }

    def _made(self, name: Screen) -> BaseScreen:
        """The screen, made once: before the first citizen where every visit meets it, else when it is first needed."""
        if name not in self._screens:
            self._screens[name] = SCREENS[name](self._act)
            self._screens[name].look = self._look
            if name is Screen.OPTIONS:
                self._screens[name].voices = self.voice.languages if self.voice else voices()
        return self._screens[name]

    def felt(self) -> None:
        """Somebody is there, by whatever they did."""
        self._touched()

    def pointed(self, targets: tuple[Target, ...]) -> float:
        """The ring came to these; how many seconds reading them aloud takes."""
        self._tell()
        if self.voice is None or self._model is None:
            return 0
        return self.voice.pointed(self._model, called(targets, self._translate(self._model.language)))

    def _act(self, place: Place, action: Action, by: str) -> None:
        self.keys.acted()
        self._emit(place, action, by)

    def _read_aloud(self, model: Model, screen: BaseScreen) -> Reading | None:
        if self.voice is None:
            return None
        _ = self._translate(model.language)
        spoken = screen.spoken() if Aid.ALOUD in model.aids else ()
        return self.voice.shown(model, spoken, _("Suara dinyalakan."))

    def _tell(self) -> None:
        if self._report is not None and self._model is not None and not self._settling:
            self._report.tell(Sight(self._model.place, self._model.accepts, self.targets(), self.keys.ring))

    def _translate(self, locale: str) -> Translate:
        if locale not in self._translators:
            self._translators[locale] = translator(locale)
        return self._translators[locale]

    def _resize(self, _window, width: int, height: int) -> None:
        self._look = Theme(int(width), int(height), self._look.aids)
        for screen in self._screens.values():
            screen.look = self._look
        self._training.look = self._look
        self._settling = True

    def _settled(self, _window) -> None:
        self._settling = False
        if self._model is not None:
            self.keys.draw()
        self._tell()

    def _follow(self, window, touch) -> bool:
        self._corner.moved(touch, window, self._look.target_px)
        return False

    def _let_go(self, _window, touch) -> bool:
        self._corner.up(touch)
        return False

    def _feel(self, window, touch) -> bool:
        self._corner.down(touch, window, self._look.target_px)
        before = self._current
        if touch.button in {None, "left"}:
            if self._model is not None:
                self.keys.touched()
            self._touched()
        # a touch that woke the screen was not aimed at what has come under it
        return self._current is not before

    def _refuse_to_close(self, *_arguments, **_source) -> bool:
        return not self._closable and EventLoop.status == "started"
