#!/usr/bin/env bash
# Adds an EF Core migration to a service: eng/add-migration.sh <webhooks|scheduler|sessions|gateway> <Name>
#
# EF's design tools are no dependency of any project here: they are restored for this one moment, in a temporary directory outside the
# solution. Two packages that they name but do not need for C# migrations, Mono.TextTemplating and Microsoft.VisualStudio.SolutionPersistence,
# are missing from some feeds; empty projects of the same ids satisfy the restore.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: eng/add-migration.sh <webhooks|scheduler|sessions|gateway> <Name>" >&2
  exit 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
service="Services.${1^}"
name=$2
[ -f "$root/$service/$service.csproj" ] || { echo "no such service: $1" >&2; exit 2; }
[[ $name =~ ^[A-Z][A-Za-z0-9]*$ ]] || { echo "a migration's name is letters and digits, beginning with a capital: $name" >&2; exit 2; }
version=$(sed -n 's|.*<EntityFrameworkVersion>\(.*\)</EntityFrameworkVersion>.*|\1|p' "$root/Directory.Packages.props")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$root/eng/migrations/Scaffold.cs" "$scratch/"
for id in Mono.TextTemplating Microsoft.VisualStudio.SolutionPersistence; do
  mkdir -p "$scratch/$id"
  echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><Version>99.0.0</Version></PropertyGroup></Project>' \
    > "$scratch/$id/$id.csproj"
done
cat > "$scratch/scaffold.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <OutputType>Exe</OutputType>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
    <NoWarn>EF1001;NU1603</NoWarn>
    <SuppressTfmSupportBuildWarnings>true</SuppressTfmSupportBuildWarnings>
  </PropertyGroup>
  <ItemGroup>
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
    <Compile Include="Scaffold.cs" />
    <PackageReference Include="Microsoft.EntityFrameworkCore.Design" Version="$version" />
    <ProjectReference Include="Mono.TextTemplating/Mono.TextTemplating.csproj" />
    <ProjectReference Include="Microsoft.VisualStudio.SolutionPersistence/Microsoft.VisualStudio.SolutionPersistence.csproj" />
    <ProjectReference Include="$root/$service/$service.csproj" />
  </ItemGroup>
</Project>
PROJECT

dotnet run --project "$scratch/scaffold.csproj" -- "$service" "$name" "$root/$service"
# EF writes a byte order mark, which .editorconfig does not have.
sed -i '1s/^\xEF\xBB\xBF//' "$root/$service"/Storage/Migrations/*.cs
