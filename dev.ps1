#!/usr/bin/env pwsh
# The one command for working on AgentPlatform on Windows. `./dev.ps1 help` lists what it can do.
# There the solution runs on the real Aspire packages, and Postgres and Redis are containers.
[CmdletBinding()]
param(
    [Parameter(Position = 0)][string] $Command = 'help',
    [Parameter(ValueFromRemainingArguments)][string[]] $Rest = @()
)
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Fail([string] $Message, [int] $Code = 1) {
    [Console]::Error.WriteLine("error: $Message")
    exit $Code
}

function Step([string] $Title, [scriptblock] $Body) {
    $started = Get-Date
    $output = & $Body 2>&1
    if ($LASTEXITCODE -ne 0) {
        Write-Host "  x $Title" -ForegroundColor Red
        $output | Select-Object -Last 30 | ForEach-Object { Write-Host "    $_" }
        return $false
    }
    Write-Host ("  + {0} ({1:n0}s)" -f $Title, ((Get-Date) - $started).TotalSeconds) -ForegroundColor Green
    return $true
}

function Setup {
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) { Fail 'the .NET 10 SDK is missing: https://dotnet.microsoft.com/download' }
    New-Item -ItemType Directory -Force .dev | Out-Null
    $stamp = '.dev/aspire-asked'
    $versions = (Get-FileHash Directory.Packages.props).Hash
    if ((Test-Path $stamp) -and ((Get-Content $stamp -Raw) -eq $versions)) { return }
    if (-not (Step 'restore the real Aspire packages' { dotnet restore eng/aspire-probe/AspireProbe.csproj -p:UseAspireStandIns=false })) {
        Write-Host '    this feed does not carry them: the solution runs on StandIns/ (see StandIns/README.md)'
    }
    Set-Content -NoNewline $stamp $versions
}

function RunTests {
    # The sandbox, the machine's own Postgres and Redis, and the agent programs are Linux's.
    $filter = if ($Rest -contains '--all') { 'Needs!=Linux' } else { 'Needs!=Linux&Category!=Long' }
    $more = @($Rest | Where-Object { $_ -ne '--all' })
    Remove-Item -Recurse -Force .dev/test-results -ErrorAction SilentlyContinue
    dotnet test AgentPlatform.Tests --nologo --logger 'trx;LogFileName=tests.trx' --results-directory .dev/test-results --filter $filter @more
    $code = $LASTEXITCODE
    $passed = 0; $failed = 0; $total = 0
    Get-ChildItem .dev/test-results -Filter *.trx -ErrorAction SilentlyContinue | ForEach-Object {
        $counters = ([xml](Get-Content $_.FullName -Raw)).TestRun.ResultSummary.Counters
        $total += [int]$counters.total; $passed += [int]$counters.passed; $failed += [int]$counters.failed + [int]$counters.error + [int]$counters.timeout
    }
    if ($total -eq 0) { Fail 'no test ran' }
    Write-Host "$passed passed, $failed failed"
    exit $code
}

switch ($Command) {
    'setup' { Setup }
    'run' { Setup; dotnet run --project AgentPlatform.AppHost -- @Rest; exit $LASTEXITCODE }
    'test' { Setup; RunTests }
    'clean' {
        Get-ChildItem -Recurse -Directory -Force | Where-Object { $_.Name -in 'bin', 'obj' } | Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
        Remove-Item -Recurse -Force .dev -ErrorAction SilentlyContinue
        Write-Host 'build output removed'
    }
    { $_ -in 'help', '-h', '--help' } {
        Write-Host './dev.ps1 COMMAND: setup, run, test (--all), clean'
    }
    default { Fail "unknown command '$Command'; ./dev.ps1 help lists them" 2 }
}
