#pragma once
// The frame that all pages share, and the parts they are made of.
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"
#include "portal/html.h"
#include "portal/visit.h"

namespace sekisho::portal {

struct Page {
    std::string_view title;
    Markup body;
    bool is_wide = false;  // else one card in the middle
    int status = 200;
};
void show(Visit& visit, const Page& page);

// A text with "{}" in it.
std::string fill_in(std::string_view text, std::string_view value);
std::string format_date(Time time);  // 2026-11-24 01:40 UTC

// A form that posts to one of our own paths, with its form token and hidden fields.
using HiddenFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;
Markup post_form(Visit& visit, std::string_view action, HiddenFields hidden, std::initializer_list<Markup> children);

struct Field {
    std::string_view name;
    std::string_view label;
    std::string_view type = "text";
    std::string_view value = {};
    std::string_view autocomplete = "off";
    std::string_view error = {};         // shown beside the field
    std::string_view described_by = {};  // the id of a further text
    std::size_t length_max = 256;
    bool is_focused = false;
    bool is_required = true;
    bool is_code = false;  // digits, wide
};
Markup text_field(const Field& field, const Texts& texts);
Markup primary_button(std::string_view label);
Markup plain_button(std::string_view label);
Markup button_link(std::string_view href, std::string_view label, bool is_primary);
Markup heading(std::string_view title);
Markup lead(std::string_view text);
Markup alert(std::string_view text);
// Copies the text of the element `id`; the script shows it.
Markup copy_button(Literal id, const Texts& texts);
// A text with its button: lines of their own, or a value in its line.
Markup copyable_lines(Literal id, const std::string& text, const Texts& texts);
Markup copyable_value(Literal id, const std::string& text, const Texts& texts);
// Terms and their values.
using Facts = std::vector<std::pair<std::string_view, std::string>>;
Markup fact_list(const Facts& facts);

// A page that says one thing, with a way on where `href` is given.
struct Notice {
    std::string_view title;
    std::string_view text;
    std::string_view href = {};
    std::string_view link = {};
    int status = 200;
    bool is_error = false;
};
void show_notice(Visit& visit, const Notice& notice);
// What a page without words of its own for an operation's error shows.
void show_error(Visit& visit, const ApiError& error);
bool is_error(const ApiError& error, std::initializer_list<std::string_view> codes);

}  // namespace sekisho::portal
