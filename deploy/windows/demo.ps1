# The demo on Windows: sets up .venv beside the program and runs the assistant with the outside world in miniature.
# Needs Python 3.11 to 3.13 and a package index. Ctrl+C stops it. Arguments go to `vakhta demo`: --port, --dir, --fresh …
#
#     powershell -ExecutionPolicy Bypass -File deploy\windows\demo.ps1

$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
$venv = Join-Path $root '.venv'
$python = Join-Path $venv 'Scripts\python.exe'
$stamp = Join-Path $venv '.installed'
$lock = Join-Path $root 'requirements.lock'

function Invoke-Checked {
    param([string] $Program, [string[]] $Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with $LASTEXITCODE" }
}

if (-not (Test-Path $python)) {
    if (Get-Command py -ErrorAction SilentlyContinue) {
        Invoke-Checked 'py' @('-3', '-m', 'venv', $venv)
    } else {
        Invoke-Checked 'python' @('-m', 'venv', $venv)
    }
}

$isOld = (-not (Test-Path $stamp)) -or ((Get-Item $lock).LastWriteTimeUtc -gt (Get-Item $stamp).LastWriteTimeUtc)
if ($isOld) {
    $quiet = @('-m', 'pip', 'install', '--quiet', '--disable-pip-version-check')
    Invoke-Checked $python ($quiet + @('--require-hashes', '-r', $lock))
    Invoke-Checked $python ($quiet + @('--no-deps', '--no-build-isolation', '--editable', $root))
    Set-Content -Path $stamp -Value '' -Encoding ascii
}

Push-Location $root
try {
    & $python -m bot demo @args
    exit $LASTEXITCODE
} finally {
    Pop-Location
}
