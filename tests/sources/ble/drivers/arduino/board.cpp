// Runs the sketch. Lines on stdin: "control HEX", "feedback HEX", "disconnect", and "samples N STEP_US
// LATE": N samples, after every LATE-th of which the loop runs (it misses the others).
#include <iostream>
#include <string>

#include "Arduino.h"
#include "xiao_nrf52840.ino"

uint32_t now_us = 4294000000u;  // it wraps after a second
void (*interrupt_handler)() = nullptr;
int light_changes = 0;
int16_t LSM6DS3::newest = 0;
Radio BLE;

int main() {
    setup();
    std::string what;
    while (std::cin >> what) {
        std::string hex;
        if (what == "control" && std::cin >> hex) control.written(hex);
        if (what == "feedback" && std::cin >> hex) feedback.written(hex);
        if (what == "disconnect") BLE.disconnected(BLEDevice());
        if (what == "samples") {
            int n = 0, step_us = 0, late = 1;
            std::cin >> n >> step_us >> late;
            for (int i = 1; i <= n; i++) {
                now_us += (uint32_t)step_us;
                LSM6DS3::newest = (int16_t)i;
                if (imu.registers[0x10] != 0) interrupt_handler();
                if (i % late == 0) loop();
            }
        }
    }
    printf("light %d\nchip %02x %02x\n", light_changes, imu.registers[0x10], imu.registers[0x11]);
    return 0;
}
