using Vuos.Actors.Modules.Fuse;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Modules.Vufuse;

namespace Vuos.Actors.Modules;

/// <summary>The modules vu_insmod can find.</summary>
internal static class KnownModules
{
    private static readonly IModule[] All = [new VufsModule(), new FuseModule(), new VufuseModule(), new VudevModule()];

    public static IEnumerable<string> Names => All.Select(static m => m.Name);

    public static IModule? Find(string name) => Array.Find(All, m => m.Name == name);

    /// <summary>What is to be loaded for a module: what it needs, then itself.</summary>
    public static IEnumerable<IModule> WithRequired(IModule module) => module.Requires is { } name && Find(name) is { } required ? [required, module] : [module];
}
