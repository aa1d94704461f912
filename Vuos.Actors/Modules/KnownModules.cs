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

    /// <summary>A module behind those it requires, in the order in which they are to be loaded; empty: there is none of that name.</summary>
    public static IEnumerable<IModule> WithRequired(string name) => Find(name) is { } module ? [.. module.Requires.SelectMany(WithRequired), module] : [];

    public static IModule? Find(string name) => Array.Find(All, m => m.Name == name);
}
