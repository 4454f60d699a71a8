/*
 * Two frequencies for the virtual machine's processor, which are switched by writing to a port that does nothing (80h). The
 * kernel's acpi-cpufreq takes them for real, so that there are changes of frequency to trace.
 */
DefinitionBlock ("", "SSDT", 1, "BPTOP", "FREQ", 1)
{
    External (\_SB.CPUS.C000, DeviceObj)

    Scope (\_SB.CPUS.C000)
    {
        Name (_PCT, Package ()
        {
            ResourceTemplate () { Register (SystemIO, 8, 0, 0x80) },
            ResourceTemplate () { Register (SystemIO, 8, 0, 0x80) }
        })
        Name (_PSS, Package ()
        {
            Package () { 2000, 1000, 10, 10, 1, 1 },
            Package () { 1000, 500, 10, 10, 2, 2 }
        })
        Name (_PPC, 0)
    }
}
