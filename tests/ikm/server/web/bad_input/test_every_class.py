"""Where each class of bad input to the server is tested; 52 to 67 have their table in tests/kiosk/bad_settings.

 1 empty body                 test_bytes.py::test_what_is_no_batch_is_refused
 2 not JSON                   test_bytes.py::test_what_is_no_batch_is_refused
 3 HTML                       test_bytes.py::test_what_is_no_batch_is_refused
 4 another thing at the top   test_bytes.py::test_what_is_no_batch_is_refused
 5 UTF-16, UTF-32             test_bytes.py::test_a_good_batch_in_another_encoding_is_refused
 6 BOM                        test_bytes.py::test_a_good_batch_in_another_encoding_is_refused
 7 invalid UTF-8              test_bytes.py::test_invalid_utf8_is_refused_around_a_row_and_kept_aside_in_one
 8 lone surrogate             test_bytes.py::test_a_lone_surrogate_is_refused_wherever_it_stands
 9 NUL in text                test_bytes.py::test_nul_and_other_controls_are_refused_around_a_row_and_kept_aside_in_one
                              test_bytes.py::test_postgresql_gets_no_nul_from_anywhere
10 NaN, Infinity              test_bytes.py::test_what_is_no_number_in_json_makes_the_request_unreadable
11 1e999                      test_bytes.py::test_numbers_nobody_can_hold_are_kept_aside
12 5,000 digits               test_bytes.py::test_numbers_nobody_can_hold_are_kept_aside
13 depth                      test_bytes.py::test_a_row_deeper_than_a_reader_follows_makes_the_request_unreadable
14 doubled keys               test_members.py::test_a_doubled_member_is_refused_around_a_row_and_kept_aside_in_one
15 missing keys               test_members.py::test_a_batch_without_one_of_its_members_is_refused
                              test_members.py::test_a_body_without_one_of_its_members_is_kept_aside
16 unknown keys               test_members.py::test_an_unknown_member_is_refused_around_a_row_and_kept_aside_in_one
17 null everywhere            test_members.py::test_null_is_refused_in_every_place_around_a_row
                              test_members.py::test_null_is_kept_aside_in_every_place_of_a_body
18 bool for int               test_members.py::test_another_type_is_refused_in_every_place_around_a_row
19 "4" for 4                  test_members.py::test_another_type_is_kept_aside_in_every_place_of_a_body
20 4.0, 3.9999                test_members.py::test_a_rating_that_is_not_one_to_four_is_kept_aside
21 score out of range         test_members.py::test_a_rating_that_is_not_one_to_four_is_kept_aside
22 no rows                    test_chain.py::test_a_batch_without_rows_is_the_heartbeat
23 too many rows              test_chain.py::test_201_rows_are_refused_and_200_are_not
                              test_chain.py::test_a_million_rows_are_refused_before_they_are_read
24 rows out of order          test_chain.py::test_rows_out_of_order_twice_or_with_one_left_out_are_refused
25 a number twice             test_chain.py::test_the_same_number_twice_with_other_bodies_is_refused
26 an id twice                test_chain.py::test_one_id_for_two_responses_keeps_the_second_aside
27 seq out of range           test_members.py::test_a_place_in_the_chain_is_a_number_from_one_to_two_to_the_53
28 gap                        test_chain.py::test_a_gap_is_refused_with_the_head
29 wrong prev_hash            test_chain.py::test_a_break_inside_a_batch_is_refused_whole
                              test_chain.py::test_a_row_after_another_one_than_the_server_holds_is_a_fork
30 misspelt hash              test_members.py::test_a_hash_is_64_small_hexadecimal_digits
31 misspelt id                test_members.py::test_an_id_is_a_uuid_of_version_7_in_small_letters
32 id of another device       test_chain.py::test_a_batch_of_another_device_is_refused_though_signed
                              test_chain.py::test_one_id_for_responses_of_two_devices_keeps_the_second_aside
33 unknown, revoked device    test_chain.py::test_a_device_nobody_enrolled_is_refused
                              test_chain.py::test_what_a_revoked_device_gives_later_is_kept_aside
34 unknown epoch              test_chain.py::test_an_epoch_nobody_opened_is_refused
35 bad signature              test_signatures.py::test_what_is_no_signature_of_this_device_is_refused
36 other method, path         test_signatures.py::test_a_signature_over_another_method_or_path_is_refused
37 body changed               test_signatures.py::test_a_body_changed_after_signing_is_refused
38 Content-Length             test_transport.py::test_a_length_that_is_none_is_refused
                              test_transport.py::test_chunks_that_are_none_or_end_early_are_refused
39 length and chunks          test_transport.py::test_a_length_beside_chunks_does_not_smuggle_a_request
40 content type               test_transport.py::test_another_content_type_is_refused
41 gzip                       test_transport.py::test_gzip_that_is_not_exactly_one_whole_stream_is_refused
                              test_transport.py::test_bombs_leave_the_server_as_large_as_it_was
42 length of comments         test_bodies.py::test_a_comment_beyond_it_is_kept_aside
43 scripts and signs          test_bodies.py::test_any_script_there_is_is_taken_as_it_was_written
44 NFC, NFD                   test_bodies.py::test_both_forms_of_an_accent_are_taken_and_stay_two
45 times                      test_bodies.py::test_any_moment_is_taken_and_believed_only_where_it_can_be
                              test_bodies.py::test_a_moment_that_is_no_count_of_milliseconds_is_kept_aside
46 durations                  test_bodies.py::test_a_duration_that_cannot_be_is_kept_aside
47 other, missing answers   test_bodies.py::test_answers_to_other_questions_missing_ones_and_doubled_ones_are_kept_aside
48 other questionnaire        test_bodies.py::test_another_questionnaire_is_kept_aside
49 choice not offered         test_bodies.py::test_a_choice_that_is_not_offered_is_kept_aside
50 methods and addresses      test_transport.py::test_another_method_is_refused
                              test_transport.py::test_another_address_is_not_found
51 headers                    test_transport.py::test_a_header_of_64_kib_is_borne_and_more_is_refused
                              test_transport.py::test_a_thousand_headers_are_refused
"""

import ast
import re
from pathlib import Path

import pytest

TABLES = [Path(__file__), Path(__file__).parents[4] / "kiosk" / "bad_settings" / "test_settings.py"]
_LINE = re.compile(r"^(?P<number>[ \d]\d)? .*?(?P<file>test_\w+\.py)::(?P<test>test_\w+)$", re.MULTILINE)


def named(table: Path) -> list[tuple[int, Path, str]]:
    """What a table says: class, file, test; a line without a number belongs to the one before."""
    found, number = [], 0
    for line in _LINE.finditer(ast.get_docstring(ast.parse(table.read_text()), clean=False) or ""):
        number = int(line["number"] or number)
        found.append((number, table.with_name(line["file"]), line["test"]))
    return found


def names_in(file: Path) -> set[str]:
    return {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_class_from_1_to_67_has_its_test() -> None:
    numbers = {number for table in TABLES for number, _, _ in named(table)}
    assert numbers == set(range(1, 68))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.parent.name)
def test_every_test_that_a_table_names_is_there(table: Path) -> None:
    assert [(number, name) for number, file, name in named(table) if name not in names_in(file)] == []
