using Vuos.Actors.Views;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>Requests to a union's actor, for debug output (tag V).</summary>
internal static class UnionRequestText
{
    public static string Of(UnionRequest request) => request switch
    {
        CopyUpName r => $"copy up {BytePath.Display(r.Rel)}",
        PrepareName r => $"prepare {BytePath.Display(r.Rel)}",
        RemoveName r => $"remove {BytePath.Display(r.Rel)}",
        RenameName r => $"rename {BytePath.Display(r.From)} to {BytePath.Display(r.To)}",
        LinkName r => $"link {BytePath.Display(r.From)} to {BytePath.Display(r.To)}",
        ChangeAttributes r => $"attributes of {BytePath.Display(r.Rel)}",
        MakeDevice r => $"device {BytePath.Display(r.Rel)}",
        ReadNames r => $"list {BytePath.Display(r.Rel)}",
        _ => request.GetType().Name,
    };
}
