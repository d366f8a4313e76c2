// Setting up a person's own computer: profiles for the AWS CLI and a kubeconfig, by one script or as files. Nothing in
// them is secret: the command line signs in by itself.
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "models/control.h"
#include "portal/layout.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

// The texts travel as base64, so that nothing in them is read by a shell. What another run of the script wrote is
// replaced, and the rest of ~/.aws/config stays as it is.
constexpr std::string_view unix_script = R"script(#!/bin/sh
# Sets up this computer for {url}
set -eu
umask 077
command -v aws >/dev/null 2>&1 || echo "The AWS CLI (version 2.13 or later) is not installed yet." >&2
aws_config=${{AWS_CONFIG_FILE:-$HOME/.aws/config}}
mkdir -p "$HOME/.aws" "$HOME/.kube" "$(dirname "$aws_config")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

base64 -d >"$work/config" <<'END_OF_FILE'
{config}
END_OF_FILE
base64 -d >"$work/authority" <<'END_OF_FILE'
{authority}
END_OF_FILE
base64 -d >"$work/kubeconfig" <<'END_OF_FILE'
{kubeconfig}
END_OF_FILE

[ -s "$work/authority" ] && cp "$work/authority" "$HOME/.aws/sekisho-ca.pem"
touch "$aws_config"
awk '/^# BEGIN sekisho$/ {{ skip = 1 }} !skip {{ print }} /^# END sekisho$/ {{ skip = 0 }}' "$aws_config" >"$work/rest"
{{
    cat "$work/rest"
    echo "# BEGIN sekisho"
    awk '/^ca_bundle = ~\// {{ print "ca_bundle = " ENVIRON["HOME"] substr($0, 14); next }} {{ print }}' "$work/config"
    echo "# END sekisho"
}} >"$work/new"
cat "$work/new" >"$aws_config"
echo "Wrote $aws_config"

if [ -s "$work/kubeconfig" ]; then
    kube_config=$HOME/.kube/config
    if [ -s "$kube_config" ] && command -v kubectl >/dev/null 2>&1; then
        KUBECONFIG="$work/kubeconfig:$kube_config" kubectl config view --flatten >"$work/merged"
        cat "$work/merged" >"$kube_config"
    elif [ -s "$kube_config" ]; then
        kube_config=$HOME/.kube/sekisho.yaml
        cat "$work/kubeconfig" >"$kube_config"
    else
        cat "$work/kubeconfig" >"$kube_config"
    fi
    echo "Wrote $kube_config"
fi
echo "Now sign in: aws sso login --sso-session sekisho"
)script";

constexpr std::string_view powershell_script = R"script(# Sets up this computer for {url}
$ErrorActionPreference = "Stop"
function Decode($text) {{ [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text)) }}
$config = Decode "{config}"
$authority = Decode "{authority}"
$kubeconfig = Decode "{kubeconfig}"
$utf8 = New-Object System.Text.UTF8Encoding $false
$awsFolder = Join-Path $HOME ".aws"
$kubeFolder = Join-Path $HOME ".kube"
New-Item -ItemType Directory -Force -Path $awsFolder, $kubeFolder | Out-Null
if ($authority) {{ [IO.File]::WriteAllText((Join-Path $awsFolder "sekisho-ca.pem"), $authority, $utf8) }}
$awsConfig = if ($env:AWS_CONFIG_FILE) {{ $env:AWS_CONFIG_FILE }} else {{ Join-Path $awsFolder "config" }}
$awsConfig = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($awsConfig)
$rest = if (Test-Path $awsConfig) {{ [IO.File]::ReadAllText($awsConfig) }} else {{ "" }}
$rest = [regex]::Replace($rest, "(?ms)^# BEGIN sekisho\r?\n.*?^# END sekisho\r?\n?", "")
if ($rest -and -not $rest.EndsWith("`n")) {{ $rest += "`n" }}
$config = $config.Replace("ca_bundle = ~/", "ca_bundle = " + $HOME.Replace("\", "/") + "/")
[IO.File]::WriteAllText($awsConfig, $rest + "# BEGIN sekisho`n" + $config + "# END sekisho`n", $utf8)
Write-Output "Wrote $awsConfig"
if ($kubeconfig) {{
    $kubeConfigFile = Join-Path $kubeFolder "config"
    if ((Test-Path $kubeConfigFile) -and (Get-Command kubectl -ErrorAction SilentlyContinue)) {{
        $new = New-TemporaryFile
        $before = $env:KUBECONFIG
        $encoding = [Console]::OutputEncoding
        try {{
            [IO.File]::WriteAllText($new.FullName, $kubeconfig, $utf8)
            $env:KUBECONFIG = $new.FullName + [IO.Path]::PathSeparator + $kubeConfigFile
            [Console]::OutputEncoding = $utf8
            $merged = (kubectl config view --flatten) -join "`n"
            if ($LASTEXITCODE -ne 0 -or -not $merged) {{ throw "kubectl cannot read $kubeConfigFile" }}
        }} finally {{
            $env:KUBECONFIG = $before
            [Console]::OutputEncoding = $encoding
            Remove-Item -LiteralPath $new.FullName
        }}
        [IO.File]::WriteAllText($kubeConfigFile, $merged + "`n", $utf8)
    }} elseif (Test-Path $kubeConfigFile) {{
        $kubeConfigFile = Join-Path $kubeFolder "sekisho.yaml"
        [IO.File]::WriteAllText($kubeConfigFile, $kubeconfig, $utf8)
    }} else {{
        [IO.File]::WriteAllText($kubeConfigFile, $kubeconfig, $utf8)
    }}
    Write-Output "Wrote $kubeConfigFile"
}}
Write-Output "Now sign in: aws sso login --sso-session sekisho"
)script";

std::string lines_of(const std::string& text) {
    constexpr std::size_t line_characters = 76;
    const auto encoded = encode_base64(text);
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += line_characters) {
        if (at != 0) out += '\n';
        out += encoded.substr(at, line_characters);
    }
    return out;
}

void send_download(Visit& visit, std::string_view name, std::string_view type, std::string bytes) {
    net::Response response;
    response.headers.push_back({"Content-Type", std::string(type)});
    response.headers.push_back({"Content-Disposition", fmt::format("attachment; filename=\"{}\"", name)});
    response.body = std::move(bytes);
    visit.send(std::move(response));
}

using Files = control::GetPortalSetupResponse;

template <class Send>
void with_files(VisitPointer visit, Send send) {
    ask<control::GetPortalSetup>(std::move(visit), {}, [send](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        send(*v, *answer);
    });
}

void send_file(Visit& visit, std::string_view name, std::string_view type, const std::optional<std::string>& text) {
    const auto& texts = visit.texts();
    if (!text || text->empty()) {
        return show_notice(visit, {.title = texts.not_found_title,
                                   .text = texts.not_found_lead,
                                   .href = "/start/setup",
                                   .link = texts.set_up_computer,
                                   .status = 404});
    }
    send_download(visit, name, type, *text);
}

void show_set_up_page(Visit& visit, const Files& files) {
    const auto& texts = visit.texts();
    Markup body = element("p", {{"class", "back"}}, {element("a", {{"href", "/start"}}, {texts.back_to_portal})});
    body += heading(texts.set_up_computer);
    body += lead(texts.set_up_lead);
    body +=
        element("section", {{"class", "panel recommended"}},
                {element("p", {{"class", "label"}},
                         {fmt::format(fmt::runtime(texts.set_up_counts), files.profile_count, files.cluster_count)}),
                 element("div", {{"class", "actions first"}},
                         {button_link("/start/setup/sekisho-setup.sh", texts.set_up_script, true),
                          button_link("/start/setup/sekisho-setup.ps1", texts.set_up_powershell, false)}),
                 lead(texts.set_up_run), copyable_lines("run", "sh ~/Downloads/sekisho-setup.sh\n", texts),
                 lead(texts.set_up_first), copyable_lines("login", "aws sso login --sso-session sekisho\n", texts)});
    Markup links = element("li", {element("a", {{"href", "/start/setup/config"}}, {texts.aws_config_file})});
    if (files.kubeconfig) {
        links += element("li", {element("a", {{"href", "/start/setup/kubeconfig.yaml"}}, {texts.kubeconfig_file})});
    }
    if (files.certificate_authority_pem) {
        links +=
            element("li", {element("a", {{"href", "/start/setup/sekisho-ca.pem"}}, {texts.authority_certificate})});
    }
    body += element("section", {{"class", "panel"}},
                    {element("h2", {texts.set_up_files}), element("ul", {{"class", "scopes"}}, {links})});
    show(visit, {.title = texts.set_up_computer, .body = body, .is_wide = true});
}

std::string fill_script(std::string_view script, const Visit& visit, const Files& files, bool in_lines) {
    const auto encode = [in_lines](const std::string& text) { return in_lines ? lines_of(text) : encode_base64(text); };
    return fmt::format(fmt::runtime(script), fmt::arg("url", visit.public_url()),
                       fmt::arg("config", encode(files.aws_config)),
                       fmt::arg("authority", encode(files.certificate_authority_pem.value_or(""))),
                       fmt::arg("kubeconfig", encode(files.kubeconfig.value_or(""))));
}

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

}  // namespace

void show_setup(VisitPointer visit) {
    with_files(std::move(visit), show_set_up_page);
}

void send_setup_script(VisitPointer visit) {
    with_files(std::move(visit), [](Visit& v, const Files& files) {
        send_download(v, "sekisho-setup.sh", "application/x-sh", fill_script(unix_script, v, files, true));
    });
}

void send_setup_powershell(VisitPointer visit) {
    with_files(std::move(visit), [](Visit& v, const Files& files) {
        send_download(v, "sekisho-setup.ps1", plain_text, fill_script(powershell_script, v, files, false));
    });
}

void send_aws_config(VisitPointer visit) {
    with_files(std::move(visit),
               [](Visit& v, const Files& files) { send_file(v, "config", plain_text, files.aws_config); });
}

void send_kubeconfig(VisitPointer visit) {
    with_files(std::move(visit), [](Visit& v, const Files& files) {
        send_file(v, "kubeconfig.yaml", "application/yaml", files.kubeconfig);
    });
}

void send_authority(VisitPointer visit) {
    with_files(std::move(visit), [](Visit& v, const Files& files) {
        send_file(v, "sekisho-ca.pem", "application/x-pem-file", files.certificate_authority_pem);
    });
}

}  // namespace sekisho::portal
