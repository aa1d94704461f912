using Vuos.Actors.Modules.Vufs;

namespace Vuos.Actors.Modules;

/// <summary>The modules vu_insmod can find.</summary>
internal static class KnownModules
{
    private static readonly IModule[] All = [new VufsModule()];

    public static IEnumerable<string> Names => All.Select(static m => m.Name);

    public static IModule? Find(string name) => Array.Find(All, m => m.Name == name);
}
