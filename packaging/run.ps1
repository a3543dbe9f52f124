# Sets up what is missing, then starts Manifold Studio on Windows: packaging\run.ps1 [ARGS]
$ErrorActionPreference = "Stop"

$root = Split-Path -Parent $PSScriptRoot
$venv = Join-Path $root ".venv"
$python = Join-Path $venv "Scripts\python.exe"
$stamp = Join-Path $venv "installed-base"
$incomplete = Join-Path $venv "incomplete"
$now = "$((Get-FileHash (Join-Path $root 'pyproject.toml')).Hash) $root"

function Find-Python {
    foreach ($version in "3.13", "3.12", "3.11") {
        & py "-$version" -c "pass" 2>$null
        if ($LASTEXITCODE -eq 0) { return $version }
    }
    throw "Python 3.11, 3.12 or 3.13 is needed, but the launcher py did not find it."
}

function Invoke-Step([string] $program, [string[]] $arguments) {
    & $program @arguments
    if ($LASTEXITCODE -ne 0) { throw "The set-up failed. Run the same command again." }
}

if (Test-Path $incomplete) {
    Write-Host "The last set-up did not finish: starting again."
    Remove-Item -Recurse -Force $venv
}
if (-not ((Test-Path $python) -and (Test-Path $stamp) -and ((Get-Content $stamp) -eq $now))) {
    New-Item -ItemType Directory -Force $venv | Out-Null
    New-Item -ItemType File -Force $incomplete | Out-Null
    if (-not (Test-Path $python)) {
        Write-Host "Making .venv."
        Invoke-Step "py" @("-$(Find-Python)", "-m", "venv", $venv)
    }
    Write-Host "Downloading and installing: several hundred MB."
    Invoke-Step $python @("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", $root)
    Set-Content $stamp $now
    Remove-Item $incomplete
}
& $python (Join-Path $root "main.py") @args
exit $LASTEXITCODE
