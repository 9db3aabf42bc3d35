// As much of ArduinoBLE as the band's sketch needs: what it writes is printed in hex.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

enum { BLERead = 2, BLEWriteWithoutResponse = 4, BLEWrite = 8, BLENotify = 16 };
enum { BLEWritten, BLEDisconnected };

struct BLEDevice {};

struct BLECharacteristic {
    std::string uuid;
    uint8_t bytes[64];
    int length = 0, size;
    void (*handler)(BLEDevice, BLECharacteristic) = nullptr;
    BLECharacteristic(const char *uuid, int, int size, bool = false) : uuid(uuid), size(size) {}
    const uint8_t *value() const { return bytes; }
    int valueLength() const { return length; }
    void setEventHandler(int, void (*wanted)(BLEDevice, BLECharacteristic)) { handler = wanted; }
    int writeValue(const uint8_t *from, int count) {
        printf("%s ", uuid.c_str());
        for (int i = 0; i < count && i < size; i++) printf("%02x", from[i]);
        printf("\n");
        return 1;
    }
    void written(const std::string &hex) {
        length = (int)hex.size() / 2;
        for (int i = 0; i < length; i++) bytes[i] = (uint8_t)std::stoi(hex.substr(2 * i, 2), nullptr, 16);
        handler(BLEDevice(), *this);
    }
};

struct BLEService {
    BLEService(const char *) {}
    void addCharacteristic(BLECharacteristic &) {}
};

struct Radio {
    void (*disconnected)(BLEDevice) = nullptr;
    bool begin() { return true; }
    void setEventHandler(int, void (*handler)(BLEDevice)) { disconnected = handler; }
    void addService(BLEService &) {}
    void setLocalName(const char *) {}
    void setAdvertisedService(BLEService &) {}
    void setConnectionInterval(int, int) {}
    void advertise() {}
    void poll() {}
};
extern Radio BLE;
