"""Every button and form that outlives the process, so that the bot finds them again by their ids."""

from bot.discord_io.audit_list import TrailButton
from bot.discord_io.buttons import CancelButton
from bot.discord_io.moderation_board import BoardButton
from bot.discord_io.moderation_board import PageButton as BoardPageButton
from bot.discord_io.own_pages import PageButton
from bot.discord_io.questions import DecisionButton, RejectionForm
from bot.discord_io.quotes import ChangeForm, QuoteButton
from bot.discord_io.report_buttons import BlockForm, ReportAction
from bot.discord_io.result_buttons import EditForm, ReportForm, ResultButton
from bot.discord_io.server_forms import FormButton, SettingSelect, SettingsForm
from bot.discord_io.settle_buttons import SettleButton

BUTTONS = (
    CancelButton,
    DecisionButton,
    QuoteButton,
    ResultButton,
    PageButton,
    FormButton,
    SettingSelect,
    BoardButton,
    BoardPageButton,
    ReportAction,
    SettleButton,
    TrailButton,
)
FORMS = (ChangeForm, EditForm, ReportForm, SettingsForm, BlockForm, RejectionForm)
