// A chip that counts: sample n has acceleration (n, -n, 4096) and angular rate (n, 0, -n).
#pragma once
#include <cstdint>

enum { I2C_MODE };

struct LSM6DS3 {
    uint8_t registers[128] = {0};
    static int16_t newest;
    LSM6DS3(int, int) {}
    int begin() { return 0; }
    int writeRegister(uint8_t at, uint8_t value) {
        registers[at] = value;
        return 0;
    }
    int readRegisterRegion(uint8_t *out, uint8_t, uint8_t) {
        const int16_t values[6] = {newest, 0, (int16_t)-newest, newest, (int16_t)-newest, 4096};
        for (int i = 0; i < 6; i++) {
            out[2 * i] = (uint8_t)(values[i] & 0xFF);
            out[2 * i + 1] = (uint8_t)((values[i] >> 8) & 0xFF);
        }
        return 0;
    }
};
