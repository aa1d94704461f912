using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>Why a device was not made.</summary>
/// <param name="Error">For mount(2).</param>
/// <param name="Sentence">For people; one sentence that begins with the type's name, without an end.</param>
internal sealed record Refusal(Errno Error, string Sentence);

/// <summary>A device, or why there is none.</summary>
internal sealed record DeviceCreation(DeviceFileSystem? Device, Refusal? Refusal)
{
    public static implicit operator DeviceCreation(DeviceFileSystem device) => new(device, null);

    public static implicit operator DeviceCreation(Refusal refusal) => new(null, refusal);
}
