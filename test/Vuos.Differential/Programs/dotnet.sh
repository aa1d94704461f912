#!/bin/bash
# dotnet build and run of a tiny project (no restore from the network).
command -v dotnet > /dev/null || { echo skipped: no dotnet; exit; }
cd "$1" || exit 9
export HOME=$1/h DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false NUGET_PACKAGES=$1/h/p
mkdir h p; cd p || exit 9
cat > p.csproj <<'E'
<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><UseAppHost>true</UseAppHost><RestoreSources>.</RestoreSources><NuGetAudit>false</NuGetAudit></PropertyGroup></Project>
E
echo 'using System; using System.IO; using System.Linq; using System.Threading.Tasks; Console.WriteLine("hello " + Directory.GetCurrentDirectory().EndsWith("/p")); File.WriteAllText("t", "text"); Console.WriteLine(File.ReadAllText("t")); Console.WriteLine(Enumerable.Range(0, 100).AsParallel().Sum()); Console.WriteLine(string.Join(",", Directory.GetFiles(".", "*.c*").Order())); return 4;' > p.cs
timeout 120 dotnet build -v q --nologo -m:1 2>&1 | sed 's/ [0-9.:]*$//' | grep -vE 'Elapsed|^$'; echo "build ${PIPESTATUS[0]}"
dotnet bin/Debug/net10.0/p.dll; echo "run $?"; DOTNET_ROOT=/usr/share/dotnet ./bin/Debug/net10.0/p; echo "apphost $?"
